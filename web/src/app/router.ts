import { createRouter, createWebHistory, type RouteComponent, type RouteRecordRaw } from 'vue-router'
import { onSignedOut } from '@/api/client'
import { forgetKey, sessionKey } from '@/api/session'
import { i18n } from './i18n'

type Lazy = () => Promise<{ default: RouteComponent }>

// The editor is built apart; a glob leaves the route out when its page is not there.
const editor = Object.values(import.meta.glob<{ default: RouteComponent }>('@/editor/EditorPage.vue'))[0] as Lazy | undefined

const pages: RouteRecordRaw[] = [
  { path: '', component: () => import('@/features/dashboard/DashboardPage.vue'), meta: { title: 'nav.dashboard' } },
  { path: 'workflows', component: () => import('@/features/workflows/WorkflowsPage.vue'), meta: { title: 'nav.workflows' } },
  editor
    ? { path: 'workflows/:id', component: editor, meta: { title: 'nav.workflows', full: true, ownKeys: true } }
    : { path: 'workflows/:id', redirect: '/workflows' },
  { path: 'templates', component: () => import('@/features/workflows/TemplatesPage.vue'), meta: { title: 'nav.templates' } },
  {
    path: 'executions',
    component: () => import('@/features/executions/ExecutionsPage.vue'),
    meta: { title: 'nav.executions', full: true },
  },
  { path: 'executions/:id', component: () => import('@/features/executions/ExecutionPage.vue'), meta: { title: 'nav.executions' } },
  { path: 'triggers', component: () => import('@/features/triggers/TriggersPage.vue'), meta: { title: 'nav.triggers' } },
  { path: 'nodes/:type?', component: () => import('@/features/nodes/NodesPage.vue'), meta: { title: 'nav.nodes' } },
  { path: 'settings', component: () => import('@/features/settings/SettingsPage.vue'), meta: { title: 'nav.settings' } },
  ...(__MBFLOW_GALLERY__
    ? [{ path: 'dev/gallery', component: () => import('@/features/dev/GalleryPage.vue'), meta: { title: 'gallery.title' } }]
    : []),
  { path: ':rest(.*)*', component: () => import('./shell/NotFoundPage.vue'), meta: { title: 'notFound.title' } },
]

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/sign-in', component: () => import('@/features/auth/SignInPage.vue'), meta: { title: 'auth.title', open: true } },
    { path: '/', component: () => import('./shell/AppShell.vue'), children: pages },
  ],
})

const signIn = (wanted: string) => ({ path: '/sign-in', query: wanted === '/' ? {} : { to: wanted } })

router.beforeEach((to) => {
  if (!to.meta.open && !sessionKey.value) return signIn(to.fullPath)
})

export function setTitle(): void {
  const title = router.currentRoute.value.meta.title
  document.title = typeof title === 'string' ? `${i18n.global.t(title)} · MBFlow` : 'MBFlow'
}

router.afterEach(setTitle)

onSignedOut(() => {
  forgetKey()
  const here = router.currentRoute.value
  if (!here.meta.open) void router.push(signIn(here.fullPath))
})
