import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const server = process.env.MBFLOW_URL ?? 'http://127.0.0.1:8080'
const proxy = Object.fromEntries(['/api', '/webhooks', '/healthz', '/readyz'].map((path) => [path, { target: server, ws: true }]))

export default defineConfig({
  plugins: [vue(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // Put in by the server, another one with each answer.
  html: { cspNonce: 'MBFLOW_NONCE' },
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    // Messages are compiled to a tree, never to code: the page's CSP forbids eval.
    __INTLIFY_JIT_COMPILATION__: 'true',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
    __MBFLOW_GALLERY__: JSON.stringify(process.env.MBFLOW_GALLERY === '1' || process.env.NODE_ENV !== 'production'),
  },
  // The templates are the project's own samples, one folder up.
  server: { port: 5173, proxy, fs: { allow: ['..'] } },
  preview: { proxy },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    manifest: true,
    // A data: address would need its own permission in the CSP.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // A request for every icon and part would be sixty before the first page shows: what most pages share travels together.
        codeSplitting: {
          groups: [
            {
              name: 'vue',
              test: /node_modules[\\/](@?vue|vue-router|vue-i18n|@intlify|pinia|@tanstack|axios)[\\/]/,
              minShareCount: 3,
              priority: 2,
            },
            { name: 'parts', test: /node_modules|src[\\/](ui|api|app)[\\/]/, minShareCount: 3, priority: 1 },
          ],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.spec.ts'],
    setupFiles: ['./src/test-setup.ts'],
  },
})
