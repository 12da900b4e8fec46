/// <reference types="vite/client" />

declare const __MBFLOW_GALLERY__: boolean
