/**
 * Of Lit only what the element needs, as text of its own build: nothing for servers, old browsers, and
 * other ways to declare properties than `static properties`. A server can import what is left; Lit's own
 * build for that would bring a whole stand-in for the DOM to every page.
 */

type Change = readonly [from: string, to: string]

const CHANGES: Readonly<Record<string, readonly Change[]>> = {
  '@lit/reactive-element/css-tag.js': [
    [
      'e=t.ShadowRoot&&(void 0===t.ShadyCSS||t.ShadyCSS.nativeShadow)&&"adoptedStyleSheets"in Document.prototype&&"replace"in CSSStyleSheet.prototype',
      'e=!0',
    ],
    // Our own mistakes, which the compiler finds.
    [
      'if(this._$cssResult$=!0,o!==s)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");',
      'this._$cssResult$=!0;',
    ],
    [
      "\"Value passed to 'css' function must be a 'css' function result: \"+t+\". Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.\"",
      '"css"',
    ],
  ],
  '@lit/reactive-element/reactive-element.js': [
    // There may be no window.
    ['extends HTMLElement', 'extends(globalThis.HTMLElement??class{})'],
    // Attributes are texts, numbers and switches.
    ['break;case Object:case Array:t=null==t?t:JSON.stringify(t)}', '}'],
    ['break;case Object:case Array:try{i=JSON.parse(t)}catch(t){i=null}}', '}'],
    // For decorators, see plain-properties.ts.
    ['Symbol.metadata??=Symbol("metadata"),a.litPropertyMetadata??=new WeakMap;', ''],
    [
      'const t=this[Symbol.metadata];if(null!==t){const s=litPropertyMetadata.get(t);if(void 0!==s)for(const[t,i]of s)this.elementProperties.set(t,i)}',
      '',
    ],
    ['static addInitializer(t){this._$Ei(),(this.l??=[]).push(t)}', ''],
    [',void 0!==t.l&&(this.l=[...t.l])', ''],
    [',this.constructor.l?.forEach(t=>t(this))', ''],
    [',p?.({ReactiveElement:y}),(a.reactiveElementVersions??=[]).push("2.1.2")', ''],
  ],
  '/lit-html/lit-html.js': [
    ['l=document,', 'l=globalThis.document??{createTreeWalker(){}},'],
    [':3===i?"<math>":""', ':""'],
    [':3===i?"</math>":""', ':""'],
    [',2===i||3===i){', ',2===i){'],
    ['B?.(S,k),(t.litHtmlVersions??=[]).push("3.3.3");', ''],
  ],
  '@lit/task/task.js': [
    // What a task has come to is asked of its status.
    [
      'get taskComplete(){return this.t||(1===this.i?this.t=new Promise(((t,s)=>{this.o=t,this.h=s})):3===this.i?this.t=Promise.reject(this.l):this.t=Promise.resolve(this.u)),this.t}',
      '',
    ],
    [
      'render(t){switch(this.i){case 0:return t.initial?.();case 1:return t.pending?.();case 2:return t.complete?.(this.value);case 3:return t.error?.(this.error);default:throw Error("Unexpected status: "+this.i)}}',
      '',
    ],
  ],
  '/lit-element/lit-element.js': [
    [',s.litElementHydrateSupport?.({LitElement:i})', ''],
    ['o?.({LitElement:i});', ''],
    ['(s.litElementVersions??=[]).push("4.2.2");', ''],
  ],
}

/**
 * A module's code without the rest, or `undefined` where there is nothing to leave out.
 * @throws Error when Lit is written in another way than it was
 */
export function smallerLit(code: string, id: string): string | undefined {
  const file = Object.keys(CHANGES).find((name) => id.endsWith(name))
  if (file === undefined) return undefined
  return CHANGES[file]?.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`${id} has changed: it no longer says "${from}"`)
    return before.replace(from, to)
  }, code)
}
