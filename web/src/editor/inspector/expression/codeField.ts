// CodeMirror, in a chunk of its own. It lives in a shadow root: there its styles are constructed sheets, which the
// page's CSP allows, while a style element would be refused.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionContext } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { bracketMatching } from '@codemirror/language'
import { EditorState, type Extension } from '@codemirror/state'
import {
  Decoration,
  EditorView,
  MatchDecorator,
  ViewPlugin,
  keymap,
  lineNumbers,
  type DecorationSet,
  type ViewUpdate,
} from '@codemirror/view'
import { suggest, type Known } from './completion'

export interface CodeOptions {
  readonly text: string
  readonly label: string
  readonly language: 'expression' | 'json'
  readonly readOnly: boolean
  readonly known: () => Known
  readonly changed: (text: string) => void
  readonly left?: () => void
}

export interface CodeField {
  readonly setText: (text: string) => void
  readonly insert: (text: string) => void
  readonly focus: () => void
  readonly destroy: () => void
}

const theme = EditorView.theme({
  '&': { color: 'var(--ed-text)', backgroundColor: 'var(--ed-card)', fontSize: '12.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': { fontFamily: 'var(--font-mono)', padding: '5px 0', caretColor: 'var(--ed-text)' },
  '.cm-line': { padding: '0 9px' },
  '.cm-scroller': { lineHeight: '20px', maxHeight: 'inherit' },
  '.cm-cursor': { borderLeftColor: 'var(--ed-text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--ed-accent) 28%, transparent)',
  },
  '.cm-gutters': { backgroundColor: 'var(--ed-card)', color: 'var(--ed-muted)', border: 'none' },
  '.cm-expression': {
    color: 'var(--ed-accent)',
    backgroundColor: 'color-mix(in srgb, var(--ed-accent) 10%, transparent)',
    borderRadius: '3px',
  },
  '.cm-key': { color: 'var(--ed-accent)' },
  '.cm-text': { color: 'var(--ed-succeeded)' },
  '.cm-value': { color: 'var(--ed-running)' },
  '.cm-tooltip': { border: '1px solid var(--ed-line)', borderRadius: '6px', backgroundColor: 'var(--ed-raised)', color: 'var(--ed-text)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--ed-accent)', color: 'var(--on-accent)' },
  '.cm-completionDetail': { color: 'var(--ed-muted)' },
})

function marking(matcher: MatchDecorator) {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet
      constructor(view: EditorView) {
        this.decorations = matcher.createDeco(view)
      }
      update(update: ViewUpdate) {
        this.decorations = matcher.updateDeco(update, this.decorations)
      }
    },
    { decorations: (plugin) => plugin.decorations },
  )
}

const mark = (name: string) => Decoration.mark({ class: name })
const [keyMark, textMark, valueMark] = [mark('cm-key'), mark('cm-text'), mark('cm-value')]
const expressionMarks = marking(new MatchDecorator({ regexp: /\{\{[^]*?\}\}/g, decoration: mark('cm-expression') }))
/** In the theme's own colours: those of the library are made for a white page. */
const jsonMarks = marking(
  new MatchDecorator({
    regexp: /"(?:[^"\\]|\\.)*"(\s*:)?|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b|\b(?:true|false|null)\b/g,
    decoration: (match) => (match[1] ? keyMark : match[0].startsWith('"') ? textMark : valueMark),
  }),
)

function completions(known: () => Known) {
  return (context: CompletionContext) => {
    const before = context.state.doc.sliceString(0, context.pos)
    const open = before.lastIndexOf('{{')
    if (open < 0 || before.indexOf('}}', open) >= 0) return null
    const found = suggest(before.slice(open + 2), known())
    if (!found) return null
    return { from: open + 2 + found.from, options: found.list.map((item) => ({ ...item })), filter: true }
  }
}

function extensions(options: CodeOptions): Extension[] {
  const language = options.language === 'json' ? [json(), lineNumbers(), jsonMarks] : [expressionMarks]
  return [
    ...language,
    history(),
    closeBrackets(),
    bracketMatching(),
    autocompletion({ override: options.language === 'json' ? [] : [completions(options.known)], icons: false }),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': options.label, spellcheck: 'false' }),
    EditorState.readOnly.of(options.readOnly),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) options.changed(update.state.doc.toString())
      if (update.focusChanged && !update.view.hasFocus) options.left?.()
    }),
    theme,
  ]
}

/** From outside, an event in a shadow root comes from its host, which looks like no field: typing must not be taken for shortcuts. */
function keepKeys(host: HTMLElement): ShadowRoot {
  host.addEventListener('keydown', (event) => {
    if (!event.ctrlKey && !event.metaKey && event.key !== 'Escape') event.stopPropagation()
  })
  return host.attachShadow({ mode: 'open' })
}

export function createCodeField(host: HTMLElement, options: CodeOptions): CodeField {
  const root = host.shadowRoot ?? keepKeys(host)
  const view = new EditorView({ root, parent: root, state: EditorState.create({ doc: options.text, extensions: extensions(options) }) })
  return {
    setText(text) {
      if (text !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
    },
    insert(text) {
      view.dispatch(view.state.replaceSelection(text))
      view.focus()
    },
    focus() {
      view.dispatch({ selection: { anchor: view.state.doc.length } })
      view.focus()
    },
    destroy: () => view.destroy(),
  }
}
