#include <zlib.h>

// Macros that Swift does not see: 16 asks for the gzip frame instead of zlib's.
static inline int peerchart_deflate_init(z_streamp stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
static inline int peerchart_inflate_init(z_streamp stream) { return inflateInit2(stream, 15 + 16); }

// The same without any frame: a minus asks for raw DEFLATE (RFC 1951), which SMART Health Cards use.
static inline int peerchart_raw_deflate_init(z_streamp stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
}
static inline int peerchart_raw_inflate_init(z_streamp stream) { return inflateInit2(stream, -15); }
