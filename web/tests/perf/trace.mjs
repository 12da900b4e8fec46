// What the browser does while something goes on: milliseconds of processor time a frame, by kind of work, over all its threads.
const KINDS = {
  script: [
    'FunctionCall',
    'EvaluateScript',
    'v8.callFunction',
    'FireAnimationFrame',
    'TimerFire',
    'EventDispatch',
    'RunMicrotasks',
    'V8.GC_MC',
    'MinorGC',
    'MajorGC',
  ],
  style: ['UpdateLayoutTree', 'Document::recalcStyle'],
  layout: ['Layout'],
  paint: ['PrePaint', 'Paint', 'Layerize', 'Commit', 'UpdateLayer'],
  raster: ['RasterTask', 'ImageDecodeTask'],
  draw: ['DirectRenderer::DrawFrame', 'Display::DrawAndSwap', 'SoftwareRenderer::DrawFrame'],
}

/** Runs it under the tracer; gives the milliseconds of each kind, the tasks of the main thread among them. */
export async function traced(cdp, run) {
  const events = []
  const collect = ({ value }) => events.push(...value)
  cdp.on('Tracing.dataCollected', collect)
  await cdp.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['devtools.timeline', 'toplevel', 'cc', 'viz', 'blink', 'disabled-by-default-v8.gc'] },
  })
  const result = await run()
  const done = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve))
  await cdp.send('Tracing.end')
  await done
  cdp.off('Tracing.dataCollected', collect)
  return { result, sums: sums(events) }
}

function sums(events) {
  const total = {}
  for (const { name, ph, tdur } of events) {
    if (ph !== 'X' || !tdur) continue
    const kind = Object.keys(KINDS).find((one) => KINDS[one].includes(name))
    if (process.env.TRACE === 'all') total[`  ${name}`] = (total[`  ${name}`] ?? 0) + tdur / 1000
    if (kind) total[kind] = (total[kind] ?? 0) + tdur / 1000
  }
  return total
}
