"""A scenario file: read, checked, and set up as a world.

What may be said: `words` has the kinds of word and their phrases, `phrase`, `microsyntax` and `act_phrases`
how those are written, `values` what they become; `schema` and `expectations` are the maps they stand in.
Read: `loading` goes through it all, by `files`, `yaml_reading` and `people_lists`; a `document` knows places.
Checked: each word by `json_schema` and `checking`, all together by `consistency` and `expectation_checks`,
what only vendors know by `vendor_words` and `places`; `lint` warns. A check is about one kind of entry.
Set up: `building`, with `accounts` and `personas`.
Shown: `reference` with `examples`, `editor_schema`, `explaining`.
"""
