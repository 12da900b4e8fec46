import { describe, expect, it } from 'vitest'
import type { Credential, CredentialType } from '@/api/credentials'
import { fieldsOf, inputOf, splitOrigins, valuesOf } from './form'

const type: CredentialType = {
  type: 'anything',
  title: 'Anything',
  summary: 'Whatever the server describes.',
  http: true,
  fields: {
    required: ['user', 'secret'],
    properties: {
      user: { title: 'User', description: 'Who.' },
      secret: { title: 'Secret', format: 'secret' },
      where: { enum: ['header', 'body'], default: 'body', 'x-labels': { header: 'In the header' } },
    },
  },
  text: { ru: { title: 'Что угодно', fields: { user: { title: 'Кто' }, where: { labels: { header: 'В заголовке' } } } } },
}
const credential: Credential = {
  id: 'c1',
  version: 3,
  name: 'mine',
  type: 'anything',
  fields: { user: 'me', where: 'header' },
  set: ['secret'],
  origins: ['https://api.example.com'],
  created_at: '',
  updated_at: '',
}

describe('the form of a credential', () => {
  it('takes fields, texts and choices from the schema, in the language of now', () => {
    const [user, secret, where] = fieldsOf(type, 'ru')
    expect(user).toMatchObject({ title: 'Кто', description: 'Who.', required: true, secret: false })
    expect(secret).toMatchObject({ title: 'Secret', secret: true })
    expect(where!.options).toEqual([
      { value: 'header', label: 'В заголовке' },
      { value: 'body', label: 'body' },
    ])
  })

  it('begins with what is known, never with a secret', () => {
    expect(valuesOf(fieldsOf(type, 'en'))).toEqual({ user: '', secret: '', where: 'body' })
    expect(valuesOf(fieldsOf(type, 'en'), credential)).toEqual({ user: 'me', secret: '', where: 'header' })
  })

  it('leaves out a secret that was not entered anew, and sends one that was', () => {
    const fields = fieldsOf(type, 'en')
    const values = valuesOf(fields, credential)
    const origins = 'https://a.example.com, https://b.example.com\n'
    expect(inputOf(type, fields, values, ' mine ', origins)).toEqual({
      name: 'mine',
      type: 'anything',
      fields: { user: 'me', where: 'header' },
      origins: ['https://a.example.com', 'https://b.example.com'],
    })
    expect(inputOf(type, fields, { ...values, secret: 's3' }, 'mine', '').fields).toEqual({ user: 'me', secret: 's3', where: 'header' })
    expect(inputOf({ ...type, http: false }, fields, values, 'mine', origins).origins).toEqual([])
  })

  it('finds no origins in blanks', () => expect(splitOrigins(' \n , ')).toEqual([]))
})
