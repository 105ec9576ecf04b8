import { expect, test } from 'vitest'
import { cloudBaseUrl } from './base-url.ts'

test('[I12] [A-1] the login goes home or to this machine by its number, and nowhere by a name', () => {
  expect(cloudBaseUrl(null)).toBe('https://api.anthropic.com')
  expect(cloudBaseUrl('http://localhost:8080/x')).toBe('http://127.0.0.1:8080')
  expect(cloudBaseUrl('http://[::1]:8080')).toBe('http://[::1]:8080')
  for (const address of [
    'https://127.0.0.1',
    'http://127.0.0.1.example.com',
    'http://localhost.',
    'http://0.0.0.0',
    'http://127.0.0.2',
    'http://api.anthropic.com',
    'http://127.0.0.1@example.com',
    'http://user:word@127.0.0.1',
    'file:///etc/passwd',
    '127.0.0.1:80',
  ])
    expect(() => cloudBaseUrl(address)).toThrow(expect.objectContaining({ code: 'config_invalid' }))
})
