import { describe, expect, it } from 'vitest'
import { maskSecrets } from './mask-secrets.ts'

const SECRET = 'hunter2-Zq81'

describe('maskSecrets', () => {
  it.each([
    [`API_KEY=${SECRET} npm publish`],
    [`export DB_PASS='${SECRET} and more ${SECRET}'`],
    [`export DB_PASSWORD="${SECRET} with \\" quote ${SECRET}"`],
    [`PGPASSWORD=${SECRET} psql -h db`],
    [`curl -H "Authorization: Bearer ${SECRET}abcdef" https://api.shop.test`],
    [`curl -H 'x-api-key: ${SECRET}'`],
    [`curl -u admin:${SECRET} https://api.shop.test`],
    [`curl --user=admin:${SECRET} https://api.shop.test`],
    [`curl -d '{"password": "${SECRET}"}' https://api.shop.test`],
    [`curl "https://api.shop.test/?access_token=${SECRET}&page=2"`],
    [`git clone https://me:${SECRET}@git.shop.test/repo`],
    [`redis-cli -u redis://:${SECRET}@cache:6379`],
    [`login --token ${SECRET}`],
    [`login --password="${SECRET} ${SECRET}"`],
    [`login --client-secret '${SECRET}'`],
    [`sshpass -p ${SECRET} ssh box`],
    [`mysql -h db -p${SECRET} shop`],
    [`aws configure set aws_secret_access_key = ${SECRET}`],
    [`Cookie: sid=${SECRET}`],
    [`-----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n-----END RSA PRIVATE KEY-----`],
    [`-----BEGIN PRIVATE KEY----- ${SECRET}`],
  ])('[PU-5] covers the secret in %j', (text) => {
    const masked = maskSecrets(text)
    expect(masked).not.toContain(SECRET)
    expect(masked).toContain('••••')
  })

  it.each([
    ['sk-ant-REDACTED'],
    ['sk_live_4eC39HqLyjWDarjtT1'],
    ['ghp_16C7e42F292c6912E7710c838347Ae178B4a'],
    ['github_pat_11ABCDEFG0abcdefgh'],
    ['glpat-ABCDEFGH12345678'],
    ['bhm_abcdefghij-klmnop_qrstuv'],
    ['npm_abcdefgh1234567890'],
    ['xoxb-123456789012-abcdef'],
    ['AKIAIOSFODNN7EXAMPLE'],
    ['AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY'],
    ['eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'],
    ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b'],
  ])('[PU-5] knows %s by its looks alone', (secret) => {
    expect(maskSecrets(`echo ${secret} | pbcopy`)).toBe('echo •••• | pbcopy')
  })

  it.each([
    ['pnpm test webhooks'],
    ['skills/listing-component.tsx'],
    ['cat packages/core/src/pkg.config.json'],
    ['git push origin main'],
    ['rm -rf build dist .turbo'],
    ['ssh git@git.shop.test'],
    ['Which store should hold the records?'],
    ['node --test --watch test/unit/a-very-long-file-name-for-the-cart.test.ts'],
  ])('[PU-5] leaves %j readable', (text) => {
    expect(maskSecrets(text)).toBe(text)
  })

  it.each([
    ['a-'.repeat(20_000)],
    ['key"'.repeat(10_000)],
    ['://'.repeat(10_000)],
    ['--key '.repeat(10_000)],
    ['mysql '.repeat(10_000)],
    ["-u a'".repeat(10_000)],
    [`${'a1'.repeat(20_000)}/`],
    ['-----BEGIN PRIVATE KEY-----'.repeat(7_000)],
  ])('[PU-5] is done with the longest input there can be', (text) => {
    expect(maskSecrets(text).length).toBeGreaterThan(0)
  })
})
