/** Letters in order, near each other and at beginnings of words, count most; 0 when they do not occur. */
export function fuzzyScore(text: string, query: string): number {
  const hay = text.toLowerCase()
  const needle = query.trim().toLowerCase()
  if (!needle) return 1
  const whole = hay.indexOf(needle)
  if (whole >= 0) return 100 - Math.min(50, whole) + (whole === 0 || hay[whole - 1] === ' ' ? 50 : 0)
  let score = 0
  let at = -1
  for (const char of needle) {
    if (char === ' ') continue
    const found = hay.indexOf(char, at + 1)
    if (found < 0) return 0
    score += found === at + 1 ? 3 : found === 0 || hay[found - 1] === ' ' ? 2 : 1
    at = found
  }
  return score / (hay.length + 1)
}
