import { computed, defineComponent, h, type VNode } from 'vue'
import { parseSvg, type Shape } from './svg'

const draw = (shape: Shape): VNode => h(shape.tag, shape.attributes, shape.children.map(draw))

/** A picture that came as text, for decoration. */
export default defineComponent({
  name: 'SvgIcon',
  props: { text: { type: String, required: true } },
  setup(props) {
    const shape = computed(() => parseSvg(props.text))
    return () => {
      if (!shape.value) return null
      const { width: _width, height: _height, ...attributes } = shape.value.attributes
      return h('svg', { ...attributes, 'aria-hidden': 'true' }, shape.value.children.map(draw))
    }
  },
})
