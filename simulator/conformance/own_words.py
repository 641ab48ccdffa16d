"""The words that contracts have beside those of OpenAPI, each with what it tells."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OWN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "x-provenance": "how sure we are of an operation, parameter, body, answer, header or error: "
        "documented, observed or inferred",
        "x-provenance-of": "the same of single keywords of a schema that narrow what is sent",
        "x-errors": "what an operation refuses; all of them, by name, under components: status, text, code, "
        "when, fix",
        "x-cause": "whose affair an error is: request, credential, state, limit or server",
        "x-asks": "what was asked for by an id that nothing has: call, number, label, group, message, ...",
        "x-refusals": "where refusals have their code, their text and a sentence: pointers into JSON bodies",
        "x-losses": "what the vendor drops without a word: when, and what mends it",
        "x-severity": "how bad such a loss is, if it is no error",
        "x-reads": "the operations that change nothing, where those with GET alone are not all",
        "x-effects": "the operations that cause calls or messages, or spend money",
        "x-secret": "a value that is masked wherever it is shown",
        "x-phone": "a phone number, of which the last digits are shown",
        "x-pages": "how a parameter leads through pages: by `number`, by the first row's `offset`, by `size`",
        "x-fix": "what to tell whoever breaks a pattern",
        "x-names": "examples of names that a pattern of names takes",
        "x-one-of": "lists of parameters of which one is needed",
        "x-required": "a body that is needed, for generators that stumble over `required` beside two types",
        "x-further-keys": "`warning`: names that the document lacks, and that are like none, fail nobody",
        "x-ignore-case": "values that count in any case",
        "x-parameters-merge": "parameters that may stand in the query and in the form alike",
        "x-json-by-shape": "a body that looks like JSON is JSON, whatever its content type",
        "x-json-values": "how many values a JSON body may have",
        "x-codec": "a format of bodies besides JSON: jsonp, xml, print_r, lines, wav",
        "x-operation": "the operation of which this path is one form of several",
        "x-selects": "a parameter that tells operations at one path apart, whatever its value",
        "x-unselected": "what is answered where no operation at a path is selected",
        "x-twin": "the operation that does the same at another host of the vendor",
        "x-editions": "the editions of the API that have an operation",
        "x-spared": "places that are not judged for accounts of an edition",
        "x-same-paths": "other spellings of paths, with what they mean",
        "x-doubled-slashes": "`same`: a doubled slash in a path means one",
        "x-unknown-path": "what is answered at a path that there is not",
        "x-downloads": "paths of files that answers link to, which are no operations",
        "x-drift": "where what is sent differs from what the vendor declares",
        "x-outside": "paths of the vendor that the document leaves out, with what is known of them",
    }
)
