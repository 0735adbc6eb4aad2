/**
 * Ends of names that texts have. Browsers and systems call many of these files something else: a table of
 * Excel, a film, a program.
 */
export const TEXT_ENDINGS: readonly string[] = `
  md markdown txt text csv tsv log yaml yml toml ini cfg conf env properties json jsonl ndjson ipynb geojson gpx
  kml xml xsd xsl html htm css scss sass less js mjs cjs jsx ts mts cts tsx vue svelte py pyi rb go mod rs java kt
  kts swift c h cc cpp cxx hh hpp m mm cs fs vb php pl pm lua r rmd jl dart scala clj ex exs erl hs ml sql sh bash
  zsh fish bat cmd ps1 tex bib rst adoc org rtf srt vtt ics vcf eml diff patch graphql proto gradle tf`
  .trim()
  .split(/\s+/)

/** Whether a file's name is one that texts have. */
export const isTextName = (name: string): boolean =>
  TEXT_ENDINGS.includes(/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '')
