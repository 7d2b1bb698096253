/** Steps of ffmpeg's that only work on what they are given. */
const PLAIN_EFFECTS = new Set(
  (
    'scale fps crop pad format transpose hflip vflip rotate setpts asetpts setsar setdar trim atrim volume aresample atempo ' +
    'loudnorm afade fade drawbox drawgrid overlay null anull concat split asplit yadif hue eq gblur boxblur avgblur unsharp ' +
    'palettegen paletteuse thumbnail select aselect tile showwavespic showwaves amix amerge pan highpass lowpass bass treble ' +
    'silenceremove silencedetect dynaudnorm apad adelay aecho vignette negate zoompan minterpolate reverse areverse loop aloop ' +
    'framerate deband nlmeans hqdn3d colorbalance colorchannelmixer normalize tonemap zscale setrange hstack vstack xstack ' +
    'blackdetect cropdetect scdetect freezedetect volumedetect showinfo smartblur noise perspective lenscorrection geq'
  ).split(' '),
)
/** Values that name a file all the same, or load something. */
const READS = /movie|file|path|subtitles|\bass\b|plugin|ladspa|lv2|frei0r|zmq/i

/** Whether all steps of a chain are known to open no file. */
export function effectsArePlain(chain: string): boolean {
  if (READS.test(chain)) return false
  return chain
    .replace(/\\[^]|'[^']*'/g, '_')
    .split(/[,;]/)
    .every((step) =>
      PLAIN_EFFECTS.has(/^\s*(?:\[[\w:]+\]\s*)*([a-z0-9]+)(?![\w@])/.exec(step)?.[1] ?? ''),
    )
}
