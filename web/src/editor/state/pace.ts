/**
 * Work that is wanted again and again, done before the next picture, at most once in so many milliseconds; less often where
 * a picture takes long, so that a quarter of the time at most goes into it and keys and mouse are still answered.
 */
export class Pace {
  private timer: ReturnType<typeof setTimeout> | undefined
  private due = 0

  constructor(
    private readonly every: number,
    private readonly work: () => void,
  ) {}

  ask(): void {
    if (this.timer !== undefined) return
    this.timer = setTimeout(() => requestAnimationFrame(this.run), Math.max(0, this.due - performance.now()))
  }

  drop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private run = (): void => {
    // Dropped while the picture was awaited.
    if (this.timer === undefined) return
    this.timer = undefined
    const begun = performance.now()
    this.due = begun + this.every
    this.work()
    // The task after this one begins when the picture is made.
    setTimeout(() => (this.due = begun + Math.max(this.every, 4 * (performance.now() - begun))))
  }
}
