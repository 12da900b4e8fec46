import { createRouter, createWebHistory, type RouteComponent } from 'vue-router'

// The editor is built apart; a glob leaves the route out when its page is not there.
const editor = Object.values(import.meta.glob<{ default: RouteComponent }>('@/editor/EditorPage.vue'))[0]

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', component: () => import('@/features/dashboard/DashboardPage.vue') },
    ...(editor ? [{ path: '/workflows/:id', component: editor }] : []),
  ],
})
