// Byte kernels of the dump's scanner. Header only, so that they are compiled into the Swift code that calls them.
//
// Every function reads whole blocks of 16 bytes from where it is told to start: whoever calls it keeps at least
// CBYTES_PADDING zero bytes behind the data. A zero byte is a control character, so each search ends there at last.
#ifndef CBYTES_H
#define CBYTES_H

#include <stddef.h>
#include <stdint.h>
#include <iconv.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define CBYTES_PADDING 64

/// Eight bytes at any address, the first one in the lowest bits.
static inline uint64_t cbytes_load8(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

/// The first byte in element content that needs a look: '<', '&', '>', a control character (line feed and tab
/// among them), or a byte beyond ASCII.
static inline const uint8_t *cbytes_text_stop(const uint8_t *bytes) {
#if defined(__SSE2__)
  const __m128i lt = _mm_set1_epi8('<'), amp = _mm_set1_epi8('&'), gt = _mm_set1_epi8('>');
  const __m128i space = _mm_set1_epi8(' ');
  for (;; bytes += 16) {
    const __m128i block = _mm_loadu_si128((const __m128i *)bytes);
    // Signed, so that bytes beyond ASCII are below ' ' too.
    const __m128i low = _mm_cmplt_epi8(block, space);
    const __m128i markup = _mm_or_si128(_mm_cmpeq_epi8(block, lt), _mm_cmpeq_epi8(block, amp));
    const __m128i hit = _mm_or_si128(_mm_or_si128(low, markup), _mm_cmpeq_epi8(block, gt));
    const int mask = _mm_movemask_epi8(hit);
    if (mask != 0) return bytes + __builtin_ctz(mask);
  }
#else
  while ((int8_t)*bytes >= ' ' && *bytes != '<' && *bytes != '&' && *bytes != '>') bytes++;
  return bytes;
#endif
}

/// The first byte in an attribute's value that needs a look: the quote that ends it, '<', '&', a control
/// character, or a byte beyond ASCII.
static inline const uint8_t *cbytes_attribute_stop(const uint8_t *bytes, uint8_t quote) {
#if defined(__SSE2__)
  const __m128i lt = _mm_set1_epi8('<'), amp = _mm_set1_epi8('&'), end = _mm_set1_epi8((char)quote);
  const __m128i space = _mm_set1_epi8(' ');
  for (;; bytes += 16) {
    const __m128i block = _mm_loadu_si128((const __m128i *)bytes);
    const __m128i low = _mm_cmplt_epi8(block, space);
    const __m128i markup = _mm_or_si128(_mm_cmpeq_epi8(block, lt), _mm_cmpeq_epi8(block, amp));
    const __m128i hit = _mm_or_si128(_mm_or_si128(low, markup), _mm_cmpeq_epi8(block, end));
    const int mask = _mm_movemask_epi8(hit);
    if (mask != 0) return bytes + __builtin_ctz(mask);
  }
#else
  while ((int8_t)*bytes >= ' ' && *bytes != '<' && *bytes != '&' && *bytes != quote) bytes++;
  return bytes;
#endif
}

#endif
