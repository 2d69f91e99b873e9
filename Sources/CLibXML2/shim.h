#include <libxml/xmlversion.h>
// Where libxml2 is built with ICU its header draws in ICU's, which are not those that Foundation brings.
// Only the conversion handlers' own fields depend on them, and nobody here looks at these.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
