import checkoutPlan from './checkout-plan.json' with { type: 'json' }
import flakyTest from './flaky-test.json' with { type: 'json' }
import idempotencyKeys from './idempotency-keys.json' with { type: 'json' }
import refundRounding from './refund-rounding.json' with { type: 'json' }
import stagingKeys from './staging-keys.json' with { type: 'json' }

/** What the demo plays; checked when it starts. */
export const SCENARIOS: readonly unknown[] = [
  refundRounding,
  checkoutPlan,
  idempotencyKeys,
  stagingKeys,
  flakyTest,
]
