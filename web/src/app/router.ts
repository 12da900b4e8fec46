import { createRouter, createWebHistory, type RouteComponent, type RouteRecordRaw } from 'vue-router'
import { loadSession } from '@/api/auth'
import { onSignedOut } from '@/api/client'
import { forgetSession, session } from '@/api/session'
import { addCatalogue, i18n, type Catalogue } from './i18n'

type Lazy = () => Promise<{ default: RouteComponent }>

// The editor is built apart; a glob leaves the route out when its page is not there.
const editor = Object.values(import.meta.glob<{ default: RouteComponent }>('@/editor/EditorPage.vue'))[0] as Lazy | undefined

// The texts of the pages that are seldom looked at: not for the first load to carry.
const texts: Catalogue = { en: () => import('@/locales/pages/en.json'), ru: () => import('@/locales/pages/ru.json') }
const withTexts = (page: Lazy) => async () => (await Promise.all([page(), addCatalogue(texts)]))[0]

const settings: RouteRecordRaw[] = [
  { path: '', component: () => import('@/features/settings/PreferencesPage.vue') },
  { path: 'account', component: () => import('@/features/settings/AccountPage.vue') },
  { path: 'members', component: () => import('@/features/settings/MembersPage.vue') },
  { path: 'api-keys', component: () => import('@/features/settings/ApiKeysPage.vue') },
  { path: 'audit', component: () => import('@/features/settings/AuditPage.vue') },
  { path: 'users', component: () => import('@/features/settings/UsersPage.vue') },
  { path: 'tenants', component: () => import('@/features/settings/TenantsPage.vue') },
  { path: 'master-keys', component: () => import('@/features/settings/MasterKeysPage.vue') },
]

const pages: RouteRecordRaw[] = [
  { path: '', component: () => import('@/features/dashboard/DashboardPage.vue'), meta: { title: 'nav.dashboard' } },
  { path: 'workflows', component: () => import('@/features/workflows/WorkflowsPage.vue'), meta: { title: 'nav.workflows' } },
  editor
    ? { path: 'workflows/:id', component: editor, meta: { title: 'nav.workflows', full: true, ownKeys: true } }
    : { path: 'workflows/:id', redirect: '/workflows' },
  {
    path: 'workflows/:id/versions',
    component: withTexts(() => import('@/features/workflows/VersionsPage.vue')),
    meta: { title: 'nav.workflows' },
  },
  { path: 'templates', component: () => import('@/features/workflows/TemplatesPage.vue'), meta: { title: 'nav.templates' } },
  {
    path: 'executions',
    component: () => import('@/features/executions/ExecutionsPage.vue'),
    meta: { title: 'nav.executions', full: true },
  },
  { path: 'executions/:id', component: () => import('@/features/executions/ExecutionPage.vue'), meta: { title: 'nav.executions' } },
  { path: 'triggers', component: withTexts(() => import('@/features/triggers/TriggersPage.vue')), meta: { title: 'nav.triggers' } },
  {
    path: 'credentials',
    component: withTexts(() => import('@/features/credentials/CredentialsPage.vue')),
    meta: { title: 'nav.credentials' },
  },
  {
    path: 'credentials/callback',
    component: withTexts(() => import('@/features/credentials/CallbackPage.vue')),
    meta: { title: 'nav.credentials' },
  },
  { path: 'variables', component: withTexts(() => import('@/features/variables/VariablesPage.vue')), meta: { title: 'nav.variables' } },

  { path: 'nodes/:type?', component: () => import('@/features/nodes/NodesPage.vue'), meta: { title: 'nav.nodes' } },
  {
    path: 'settings',
    component: withTexts(() => import('@/features/settings/SettingsPage.vue')),
    meta: { title: 'nav.settings' },
    children: settings,
  },
  ...(__MBFLOW_GALLERY__
    ? [{ path: 'dev/gallery', component: () => import('@/features/dev/GalleryPage.vue'), meta: { title: 'gallery.title' } }]
    : []),
  { path: ':rest(.*)*', component: () => import('./shell/NotFoundPage.vue'), meta: { title: 'notFound.title' } },
]

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/sign-in', component: () => import('@/features/auth/SignInPage.vue'), meta: { title: 'auth.title', open: true } },
    {
      path: '/first-start',
      component: () => import('@/features/auth/FirstStartPage.vue'),
      meta: { title: 'auth.first.title', open: true },
    },
    { path: '/', component: () => import('./shell/AppShell.vue'), children: pages },
  ],
})

const signIn = (wanted: string) => ({ path: '/sign-in', query: wanted === '/' ? {} : { to: wanted } })

router.beforeEach(async (to) => {
  // The link that the server's log shows leads to "/" with the token behind the hash, which no server and no proxy sees.
  if (to.path === '/' && to.hash.startsWith('#first-start=')) return { path: '/first-start', hash: to.hash }
  if (to.meta.open) return
  // Without an answer nobody is signed in either; the page of the sign-in says so.
  const known = session.value ?? (await loadSession().catch(() => undefined))
  if (!known) return signIn(to.fullPath)
})

export function setTitle(): void {
  const title = router.currentRoute.value.meta.title
  document.title = typeof title === 'string' ? `${i18n.global.t(title)} · MBFlow` : 'MBFlow'
}

router.afterEach(setTitle)

onSignedOut(() => {
  forgetSession()
  const here = router.currentRoute.value
  if (!here.meta.open) void router.push(signIn(here.fullPath))
})
