import { config } from '@vue/test-utils'
import { i18n } from '@/app/i18n'

config.global.plugins = [i18n]
