// Runs in the document before anything else; `bridge.py` says what for and puts `xianshouWords` before it.
{
  const WORDS = window.xianshouWords // by language: its tag, and what is said instead of Streamlit's fixed texts
  const OURS = ".stHtml, .js-plotly-plot, svg, style, script, title"
  const SAID = ["aria-label", "title", "placeholder"]
  const FIXED = new Map(Object.values(WORDS).flatMap(({ words }) => Object.entries(words).map(([fixed, said]) => [said, fixed])))

  const root = document.documentElement
  let language = Object.keys(WORDS).find((one) => WORDS[one].tag === root.lang)

  const say = (text) => {
    const fixed = FIXED.get(text) ?? text
    return WORDS[language].words[fixed] ?? fixed
  }
  const sayText = (node) => {
    const text = node.nodeValue.trim()
    if (text && say(text) !== text) node.nodeValue = say(text)
  }
  const sayOf = (element) => {
    for (const name of SAID) {
      const text = element.getAttribute(name)
      if (text && say(text) !== text) element.setAttribute(name, say(text))
    }
  }
  const isOurs = (element) => !element || element.closest(OURS) !== null
  const NODES = NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT
  const notOurs = (node) => (node.nodeType === Node.ELEMENT_NODE && node.matches(OURS) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT)
  const sayNode = (node) => (node.nodeType === Node.TEXT_NODE ? sayText(node) : sayOf(node))
  const translate = (node) => {
    const isText = node.nodeType === Node.TEXT_NODE
    if ((!isText && node.nodeType !== Node.ELEMENT_NODE) || isOurs(isText ? node.parentElement : node)) return
    sayNode(node)
    const below = document.createTreeWalker(node, NODES, notOurs) // a long table of ours is stepped over, not searched
    while (below.nextNode()) sayNode(below.currentNode)
  }

  // The link's language, else the one read in so far, as `filters.language` has it.
  let search = null
  const isSwitched = () => {
    if (search === location.search) return false
    search = location.search
    const wanted = new URLSearchParams(search).get("lang")
    if (!(wanted in WORDS) || wanted === language) return false
    language = wanted
    root.lang = WORDS[language].tag
    return true
  }
  const watch = (changes) => {
    if (isSwitched()) return translate(document.body)
    for (const { type, target, addedNodes } of changes) {
      if (type === "childList") addedNodes.forEach(translate)
      else if (type === "characterData") translate(target)
      else if (!isOurs(target)) sayOf(target)
    }
  }
  new MutationObserver(watch).observe(root, { childList: true, subtree: true, characterData: true, attributeFilter: SAID })

  // Another address of ours is taken as Back and Forward are: the address changes, and Streamlit is told so.
  const isFollowed = (href) => {
    const [to, here] = [new URL(href, location.href), new URL(location.href)]
    if (new URL(".", to).href !== new URL(".", here).href) return false
    if (!document.querySelector('[data-test-connection-state="CONNECTED"]')) return false
    if (to.href === here.href) return true
    history.pushState({}, "", to)
    dispatchEvent(new PopStateEvent("popstate", { state: {} }))
    if (to.pathname !== here.pathname || to.searchParams.has("behind")) document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0)
    return true
  }
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target.closest?.(".stHtml a[href]")
    if (link && isFollowed(link.href)) event.preventDefault()
  })

  // A day picked from the calendar counts at once; one that is typed, when it is finished.
  let isTyped = false
  const isDay = (element) => element.matches?.("input.xs-day-field")
  const pick = (field) => {
    if (!field.value || field.value === field.defaultValue || !field.checkValidity()) return
    const href = field.dataset.goes.replace("DAY", field.value)
    isFollowed(href) || location.assign(href)
  }
  document.addEventListener("pointerdown", () => (isTyped = false), true)
  document.addEventListener("keydown", ({ target, key }) => {
    if (!isDay(target)) return
    isTyped = true
    if (key === "Enter") pick(target)
  })
  document.addEventListener("change", ({ target }) => isDay(target) && !isTyped && pick(target))
  document.addEventListener("focusout", ({ target }) => isDay(target) && pick(target))
}
