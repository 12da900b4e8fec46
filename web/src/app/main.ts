import '@/app/theme/main.css'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { queryClient } from '@/api/queries'
import App from './App.vue'
import { i18n, setLanguage } from './i18n'
import { preferredLanguage } from './i18n/preferred'
import { router } from './router'
import { startTheme } from './theme'

startTheme()
await setLanguage(preferredLanguage())
createApp(App).use(createPinia()).use(VueQueryPlugin, { queryClient }).use(i18n).use(router).mount('#app')
