import type { ScanSeverity } from './types.ts'

/**
 * A way in which a text tries to command a model. Expressions repeat nothing without a bound, so
 * that each place of a text costs at most so much.
 */
export interface InjectionPattern {
  name: string
  category: string
  severity: ScanSeverity
  /** Texts of which one is in every text that this is found in. */
  needs: readonly string[]
  /** For folded text; for the text as it is, if `exact`. */
  expression: RegExp
  exact?: true
}

type Entry = [name: string, needs: string, expression: RegExp, exact?: true]

function category(
  name: string,
  severity: ScanSeverity,
  entries: readonly Entry[],
): InjectionPattern[] {
  return entries.map(([pattern, needs, expression, exact]) => ({
    name: pattern,
    category: name,
    severity,
    needs: needs.split('|'),
    expression,
    ...(exact === undefined ? {} : { exact }),
  }))
}

export const INJECTION_PATTERNS: readonly InjectionPattern[] = [
  ...category('role_override', 'critical', [
    [
      'ignore_instructions',
      'ignore|disregard|forget|override|bypass',
      /\b(?:ignore|disregard|forget|override|bypass)\s(?:(?:all|any|every|the|your|my|of|these|those)\s){0,4}(?:previous|prior|above|earlier|preceding|existing|original)\s(?:(?:system|given|of|your|the|and)\s){0,3}(?:instruction|prompt|rule|directive|command|guideline|message|context)/g,
    ],
    [
      'forget_everything',
      'forget|ignore|disregard',
      /\b(?:forget|ignore|disregard)\s(?:everything|all|anything)\s(?:above|before|you\s(?:were|have\sbeen)\stold)/g,
    ],
    ['new_system_prompt', 'new system', /\bnew\ssystem\s(?:prompt|instruction|message)/g],
    ['you_are_now', 'you', /\byou\sare\snow\san?\s/g],
    ['from_now_on', 'from', /\bfrom\snow\son,?\s?you\s(?:must|will|shall|should|are)\b/g],
  ]),
  ...category('delimiter_injection', 'high', [
    ['triple_quotes', `"""|'''`, /"""|'''/g],
    [
      'chat_template_token',
      '<|',
      /<\|\s?(?:im_start|im_end|im_sep|system|user|assistant|endoftext|begin_of_text|eot_id|start_header_id|end_header_id)\s?\|>/g,
    ],
    ['inst_tag', 'inst', /\[\/?inst\]/g],
    ['role_tag', '<', /<\/?\s?(?:system|assistant|user|human|instructions?)\s?>/g],
    ['sys_tag', '<<', /<<\/?sys>>/g],
  ]),
  ...category('instruction_smuggling', 'high', [
    [
      'commanding_line',
      'IMPORTANT|CRITICAL|URGENT|NOTE|WARNING|OVERRIDE|ADMIN',
      /^[ \t]{0,20}(?:IMPORTANT|CRITICAL|URGENT|NOTE|WARNING|OVERRIDE|ADMIN)[ \t]{0,5}:/gm,
      true,
    ],
    ['hidden_instruction', 'hidden', /\bhidden\sinstruction/g],
    [
      'keep_secret',
      'reveal|disclose|share',
      /\b(?:do\snot|don't|never)\s(?:reveal|disclose|share)\s(?:this|these|the|your)\s(?:system\s)?(?:instruction|prompt|message)/g,
    ],
  ]),
  ...category('data_exfiltration', 'high', [
    [
      'reveal_prompt',
      'prompt|instruction',
      /\b(?:repeat|show|print|reveal|display|output|tell|give|leak)\s(?:me\s)?(?:(?:all|of|the|your|full|entire|initial|original|hidden)\s){0,4}(?:system\s(?:prompt|instruction|message)|(?:initial|original|your)\s(?:prompt|instruction)|instructions\b)/g,
    ],
    [
      'what_prompt',
      'prompt|instruction',
      /\bwhat\s(?:is|are|were)\s(?:your|the)\s(?:system\sprompt|(?:system|initial|original)\sinstruction)/g,
    ],
  ]),
  ...category('encoding_evasion', 'high', [
    ['base64_payload', 'base64', /\bbase64\s?[:,=]\s?[a-z0-9+/]{16}/g],
    [
      'decode_request',
      'base64',
      /\b(?:decode|execute|run|interpret|follow)\s(?:(?:this|the|following|from|a)\s){0,3}base64|\bbase64[-_\s]decode\b/g,
    ],
    ['rot13', 'rot', /\brot-?13\b/g],
    ['hex_escapes', '\\x', /(?:\\x[0-9a-f]{2}){4}/g],
  ]),
  ...category('context_manipulation', 'medium', [
    ['pretend', 'pretend', /\bpretend\s(?:to\sbe|that\syou|you\sare|you're|you\shave)\b/g],
    ['act_as', 'act as', /\bact\sas\s(?:an?|if|though|my)\b/g],
    ['roleplay', 'role', /\brole[-\s]?play/g],
    ['jailbreak', 'jail', /\bjail[-\s]?break/g],
    ['special_mode', 'mode', /\b(?:developer|god|sudo)\smode\b/g],
    ['dan', 'DAN', /\bDAN\b/g, true],
    ['do_anything_now', 'do anything', /\bdo\sanything\snow\b/g],
  ]),
  ...category('output_manipulation', 'medium', [
    ['do_not_mention', 'mention', /\b(?:do\snot|don't|never)\smention\b/g],
    ['respond_only', 'only', /\b(?:respond|reply|answer)\sonly\swith\b/g],
    ['only_respond', 'only', /\bonly\s(?:respond|reply|answer)\swith\b/g],
    ['hide_from_user', 'hide', /\bhide\s(?:(?:this|it|that|these|them)\s)?from\s(?:the\s)?user/g],
  ]),
]
