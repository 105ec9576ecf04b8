// Reads what each suite wrote, names what failed, and closes with the one line that counts. Plain
// JavaScript, because it also has to run where nothing could be installed.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const folder = process.argv[2]
const sum = { passed: 0, failed: 0, skipped: 0 }
const atSecondTry = []

const resultsOf = (name) => {
  try {
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  } catch {
    return undefined
  }
}

const failure = (name, what) => {
  sum.failed += 1
  console.log(`  ${name}: ${what}`)
}

console.log('\n== summary')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.code'))
  .map((file) => basename(file, '.code'))
for (const name of names.sort()) {
  const code = Number(readFileSync(join(folder, `${name}.code`), 'utf8'))
  const results = resultsOf(name)
  const failedBefore = sum.failed
  if (results?.testResults) {
    for (const { assertionResults, status, message, name: file } of results.testResults) {
      for (const test of assertionResults) {
        if (test.status === 'passed') {
          sum.passed += 1
          if (test.failureMessages?.length > 0) atSecondTry.push(`${name}: ${test.fullName}`)
        } else if (test.status === 'failed') failure(name, `${test.fullName}`)
        else sum.skipped += 1
      }
      // A file that could not even be loaded has no tests to blame.
      if (status === 'failed' && assertionResults.length === 0) failure(name, `${file}: ${message}`)
    }
  } else if (results) {
    sum.passed += results.passed
    for (let n = 0; n < results.failed; n++) failure(name, 'see above')
  }
  // It ended badly and no test says why: the run itself failed.
  if (code !== 0 && sum.failed === failedBefore) failure(name, `ended with exit code ${code}`)
}

for (const test of atSecondTry) console.log(`  at the second try only: ${test}`)
const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''
console.log(`${sum.passed} passed, ${sum.failed} failed${skipped}`)
process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1
