"""From a study's run to its report: notebooks executed, pages rendered, files written."""

import sys

# jsonschema, which reads notebooks, builds a parser of foreign addresses if it finds this package,
# for more than a second in every process; no notebook has one.
sys.modules.setdefault("rfc3987_syntax", None)
