// Writes one dump of an invented month at a real month's size to standard output: the shape of 2026, UTF-8, references
// that repeat as real ones do, and as many tracks, credits, companies … a release as field counts of 2024 give.
//
//   month ENTITY SHARE SEED EDITION > ENTITY.xml    (and its length to standard error)
//
// SHARE 1 is 19.3 million releases, 10.1 million artists, 2.4 million labels and 2.6 million masters, 70 GB in all. A record
// depends on SEED, its number and how often it was edited; what a name belongs to has that name in all four dumps.
// EDITION 0 is the first month; each later one edits 1 % of the records, drops 1 in 20,000 and has 0.5 % more.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define PICK(dice, list) (list)[uniform(dice, COUNT(list))]
// The first of a list more often than the last.
#define PICK_SKEWED(dice, list) (list)[skewed(dice, COUNT(list))]

enum entity { ARTIST, LABEL, MASTER, RELEASE, ENTITIES };
static const char *const entity_names[] = {"artist", "label", "master", "release"};
static const double full_size[] = {10163318, 2405196, 2579897, 19341287};

// --- chance

typedef struct {
  uint64_t state;
} dice;

static uint64_t seed;

static uint64_t mixed(uint64_t x) {  // splitmix64
  x += 0x9E3779B97F4A7C15;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
  x = (x ^ x >> 27) * 0x94D049BB133111EB;
  return x ^ x >> 31;
}

static dice dice_for(uint64_t kind, uint64_t number, uint64_t version) {
  return (dice){mixed(mixed(mixed(seed * 8 + kind) ^ number) ^ version)};
}

static inline uint64_t roll(dice *d) {
  d->state ^= d->state << 13;
  d->state ^= d->state >> 7;
  d->state ^= d->state << 17;
  return d->state * 0x2545F4914F6CDD1D;
}

static inline uint64_t uniform(dice *d, uint64_t below) { return (uint64_t)((unsigned __int128)roll(d) * below >> 64); }

static inline double fraction(dice *d) { return (double)(roll(d) >> 11) * 0x1p-53; }

static inline int chance(dice *d, double share) { return fraction(d) < share; }

static inline uint64_t skewed(dice *d, uint64_t below) {
  double u = fraction(d);
  return (uint64_t)((double)below * u * u * u);
}

// Much more skewed: the first of ten million is picked once in 56 times, as "Various" is.
static inline uint64_t very_skewed(dice *d, uint64_t below) {
  double u = fraction(d);
  u *= u;
  return (uint64_t)((double)below * u * u);
}

// A number of things whose mean is `mean`, few more often than many.
static int some(dice *d, double mean) {
  double stop = 1 / (1 + mean), u = fraction(d), left = 1 - stop, all = left;
  int count = 0;
  while (u < all && count < 200) {
    count++;
    all *= left;
  }
  return count;
}

// --- output

static char *buffer, *at;
static uint64_t flushed;
enum { BUFFER = 4 << 20, LONGEST = 1 << 20 };

static void flush(void) {
  for (char *from = buffer; from < at;) {
    ssize_t written = write(1, from, (size_t)(at - from));
    if (written < 0) {
      perror("month");
      exit(74);
    }
    from += written;
  }
  flushed += (uint64_t)(at - buffer);
  at = buffer;
}

static inline void bytes(const char *text, size_t length) {
  memcpy(at, text, length);
  at += length;
}

// A literal.
#define PUT(literal) bytes("" literal, sizeof(literal) - 1)

static inline void put(const char *text) { bytes(text, strlen(text)); }

static void decimal(uint64_t value) {
  char digits[20];
  int count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while (value /= 10);
  while (count) *at++ = digits[--count];
}

static void two(unsigned value) {
  *at++ = (char)('0' + value / 10);
  *at++ = (char)('0' + value % 10);
}

// --- words

static const char *const genres[] = {"Electronic", "Rock", "Pop", "Folk, World, &amp; Country", "Jazz", "Funk / Soul", "Classical", "Hip Hop", "Latin",
  "Stage &amp; Screen", "Reggae", "Blues", "Non-Music", "Children's", "Brass &amp; Military"};
static const char *const styles[] = {"House", "Pop Rock", "Techno", "Experimental", "Punk", "Vocal", "Alternative Rock", "Ambient", "Soul", "Hard Rock", "Indie Rock",
  "Disco", "Synth-pop", "Ballad", "Folk", "Chanson", "Europop", "Trance", "Country", "Funk", "Noise", "Black Metal", "Hardcore", "Heavy Metal", "Drum n Bass",
  "Deep House", "Tech House", "Rock &amp; Roll", "Soft Rock", "Downtempo", "Easy Listening", "Schlager", "Industrial", "Classic Rock", "Electro", "New Wave",
  "Psychedelic Rock", "Prog Rock", "Death Metal", "Minimal", "Soundtrack", "Blues Rock", "Reggae", "Roots Reggae", "Dub", "Contemporary Jazz", "Swing", "Bop", "Fusion",
  "Drone", "Garage Rock", "Art Rock", "Acoustic", "Progressive House", "Breakbeat", "Rhythm &amp; Blues", "Romantic", "Baroque", "Modern", "Opera", "Choral", "Gospel",
  "Big Band", "Latin Jazz", "Salsa", "Cumbia", "Bolero", "Tango", "Flamenco", "MPB", "Samba", "Bossa Nova", "Acid", "Acid House", "Euro House", "Italo-Disco", "Hard Trance",
  "Goa Trance", "Dubstep", "Grime", "UK Garage", "IDM", "Glitch", "Musique Concrète", "Field Recording", "Spoken Word", "Comedy", "Audiobook", "Score", "Musical",
  "Theme", "Polka", "Volksmusik", "Marches", "Celtic", "Bluegrass", "Honky Tonk", "Krautrock", "Post-Punk", "Goth Rock", "Doom Metal", "Grindcore", "Oi", "Ska", "Shoegaze",
  "Lo-Fi", "Post Rock", "Math Rock", "Emo", "Enka", "Kayōkyoku", "City Pop", "Laïkó", "Rebetiko", "Bhangra", "Hindustani", "Raï", "Afrobeat", "Highlife", "Dancehall"};
static const char *const countries[] = {"US", "UK", "Germany", "France", "Italy", "Japan", "Europe", "Netherlands", "Canada", "Spain", "Australia", "Belgium", "Sweden", "Russia",
  "Brazil", "UK &amp; Europe", "Poland", "Greece", "USSR", "Finland", "Denmark", "Switzerland", "Austria", "Yugoslavia", "Portugal", "Argentina", "Mexico", "Norway", "Czech Republic",
  "USA &amp; Canada", "Czechoslovakia", "Hungary", "South Korea", "Ireland", "Turkey", "Worldwide", "Romania", "South Africa", "New Zealand", "Taiwan", "Israel", "Ukraine", "Jamaica",
  "Colombia", "Chile", "India", "Indonesia", "German Democratic Republic (GDR)", "USA, Canada &amp; Europe", "Trinidad &amp; Tobago", "Côte d'Ivoire", "Türkiye"};
static const char *const roles[] = {"Producer", "Written-By", "Mixed By", "Mastered By", "Vocals", "Guitar", "Drums", "Bass", "Piano", "Artwork", "Design", "Photography By", "Engineer",
  "Keyboards", "Recorded By", "Composed By", "Arranged By", "Lyrics By", "Music By", "Executive-Producer", "Saxophone", "Trumpet", "Percussion", "Remix", "Liner Notes",
  "Lacquer Cut By", "Violin", "Backing Vocals", "Synthesizer", "Acoustic Guitar", "Art Direction", "Featuring", "Conductor", "Cello", "Programmed By", "Co-producer",
  "Tenor Saxophone", "Alto Saxophone", "Trombone", "Layout", "Management", "Flute", "Organ", "Electric Guitar", "Lead Vocals", "Producer, Mixed By", "Written-By, Producer",
  "Vocals, Guitar", "Recorded By, Mixed By", "Words By, Music By", "Engineer [Assistant]", "Guitar [Solo], Vocals", "Artwork By [Sleeve, Inlay]", "Mixed By [Mixed At]",
  "Bass, Backing Vocals", "Drums, Percussion", "Piano, Organ, Synthesizer [Moog]", "Producer [Produced For X, Y &amp; Z], Arranged By", "Photography By [Back Cover]",
  "Performer", "Performer [All Instruments], Written-By", "DJ Mix", "Edited By", "Translated By", "Orchestra", "Choir", "Baritone Vocals", "Soprano Vocals"};
static const char *const joins[] = {",", "&amp;", "/", "Feat.", "And", "vs.", "With", "Featuring", "-", "•", "+", "Presents", "Conducting The", ",Canta:"};
static const char *const formats[] = {"Vinyl", "CD", "File", "Cassette", "CDr", "Shellac", "All Media", "DVD", "Box Set", "Lathe Cut", "Flexi-disc", "Reel-To-Reel"};
static const char *const descriptions[] = {"Album", "LP", "7\"", "12\"", "Single", "45 RPM", "Compilation", "33 ⅓ RPM", "Reissue", "Promo", "Stereo", "EP", "Limited Edition", "MP3",
  "Mono", "Unofficial Release", "Remastered", "White Label", "Maxi-Single", "Repress", "Numbered", "10\"", "Mixed", "Sampler", "Mini-Album", "FLAC", "WAV", "DVD-Video", "78 RPM",
  "Test Pressing", "Styrene", "Partially Mixed", "Club Edition", "Jukebox", "Picture Disc", "Etched", "Misprint", "AAC", "PAL", "NTSC", "Enhanced", "SACD", "HDCD", "Quadraphonic"};
static const char *const format_texts[] = {"Gatefold", "180 g", "Red", "Blue Translucent", "Jewel Case", "Digipak", "Clear", "C60", "Dolby System", "Cardboard Sleeve", "Slipcase",
  "Injection moulded labels", "Splatter", "Large Centre Hole", "Transparent, 180 Gram", "Super Jewel Box", "Black", "Orange Marbled"};
static const char *const qualities[] = {"Needs Vote", "Correct", "Needs Vote", "Needs Major Changes", "Complete and Correct", "Needs Minor Changes", "Entirely Incorrect"};
static const struct {
  const char *number, *name;
} companies[] = {{"13", "Phonographic Copyright (p)"}, {"14", "Copyright (c)"}, {"21", "Published By"}, {"23", "Recorded At"}, {"17", "Pressed By"}, {"9", "Distributed By"},
  {"10", "Manufactured By"}, {"29", "Mastered At"}, {"27", "Mixed At"}, {"16", "Made By"}, {"19", "Printed By"}, {"4", "Record Company"}, {"8", "Marketed By"}, {"6", "Licensed From"},
  {"30", "Lacquer Cut At"}, {"31", "Glass Mastered At"}, {"24", "Engineered At"}, {"5", "Licensed To"}, {"26", "Produced At"}, {"37", "Produced For"}, {"33", "Designed At"},
  {"28", "Remixed At"}, {"36", "Edited At"}, {"39", "Recorded By"}, {"35", "Remastered At"}, {"7", "Licensed Through"}, {"34", "Filmed At"}, {"42", "Exclusive Retailer"},
  {"38", "Manufactured For"}, {"18", "Duplicated By"}, {"25", "Overdubbed At"}};
static const char *const matrix_descriptions[] = {"Side A", "Side B", "Runout", "Side A, etched", "Side B, etched", "Side A runout, stamped", "Variant 1", "Label Side A", "Mirrored", "Hub"};
static const char *const other_identifiers[] = {"Rights Society", "Label Code", "Other", "Mastering SID Code", "Mould SID Code", "Price Code", "SPARS Code", "ISRC", "Pressing Plant ID",
  "Depósito Legal", "Distribution Code", "ASIN"};
static const char *const house_names[] = {"Records", "Recordings", "Music", "Productions", "Discos", "Entertainment", "Musik", "Tapes", "Sound", "Label", "Digital", "Studios", "Publishing",
  "Records, Inc.", "&amp; Sons", "GmbH", "Ltd."};
static const char *const syllables[] = {"ba", "be", "bo", "ca", "ce", "co", "da", "de", "di", "do", "el", "en", "er", "fa", "fi", "ga", "ge", "ha", "he", "in", "is", "ja", "ka", "ke", "la", "le",
  "li", "lo", "ma", "me", "mi", "mo", "na", "ne", "no", "on", "or", "pa", "pe", "ra", "re", "ri", "ro", "sa", "se", "si", "so", "sta", "ta", "te", "ti", "to", "tra", "un", "va", "ve", "vi", "wa",
  "we", "wi", "ya", "ze", "é", "ö", "ñu", "ça", "ü", "å", "ø", "š", "ž"};
static const char *const others[] = {"мир", "любовь", "песня", "ночь", "Москва", "東京", "音楽", "夜", "愛", "Αγάπη", "νύχτα", "حب", "노래", "Ünlü", "Straße", "Łódź"};

enum { WORDS = 12000 };
static struct {
  char text[30];
  uint8_t length;
} words[WORDS], names[WORDS];  // names begin with a capital letter

static void make_words(void) {
  for (int n = 0; n < WORDS; n++) {
    dice d = dice_for(90, (uint64_t)n, 0);
    char *text = words[n].text;
    if (n % 40 == 39) strcpy(text, PICK(&d, others));
    else {
      *text = 0;
      // The words used most are the shortest.
      for (int count = 1 + (n > 30) + (int)uniform(&d, 3); count > 0; count--) strcat(text, (syllables)[uniform(&d, COUNT(syllables) - (chance(&d, 0.9) ? 9 : 0))]);
    }
    words[n].length = (uint8_t)strlen(text);
    names[n] = words[n];
    if (*text >= 'a' && *text <= 'z') *names[n].text = (char)(*text - 32);
  }
}

static inline void word(dice *d) {
  uint64_t n = very_skewed(d, WORDS);
  bytes(words[n].text, words[n].length);
}

static inline void name_word(dice *d) {
  uint64_t n = skewed(d, WORDS);
  bytes(names[n].text, names[n].length);
}

static void title(dice *d) {
  for (int left = 1 + some(d, 1.6);; *at++ = ' ') {
    name_word(d);
    if (--left == 0) break;
  }
  if (chance(d, 0.08)) {
    PUT(" (");
    name_word(d);
    put(chance(d, 0.5) ? " Remix)" : " Version)");
  }
}

static void code(dice *d, int length, const char *letters, unsigned count) {
  while (length-- > 0) *at++ = letters[uniform(d, count)];
}
#define UPPER "ABCDEFGHJKLMNPRSTVWXYZ0123456789"
#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// --- who there is

static uint64_t base[ENTITIES], edition;

// The id of the n-th record: ascending, with gaps as records were removed.
static inline uint64_t id_of(enum entity kind, uint64_t number) { return (9 * number + mixed(seed ^ (number << 3 | kind)) % 5) / 5 + 1; }

static void artist_name(uint64_t number) {
  if (number == 0) {
    PUT("Various");
    return;
  }
  dice d = dice_for(91, number, 0);
  switch (uniform(&d, 20)) {
    case 0:
      PUT("DJ ");
      name_word(&d);
      break;
    case 1:
    case 2:
      PUT("The ");
      name_word(&d);
      *at++ = 's';
      break;
    case 3:
      name_word(&d);
      PUT(", ");
      name_word(&d);
      PUT(" &amp; ");
      name_word(&d);
      break;
    case 4:
    case 5:
      name_word(&d);
      break;
    default:
      name_word(&d);
      *at++ = ' ';
      // A surname says more than a first name.
      uint64_t n = uniform(&d, WORDS);
      bytes(names[n].text, names[n].length);
  }
  if (chance(&d, 0.12)) {
    PUT(" (");
    decimal(2 + skewed(&d, 30));
    *at++ = ')';
  }
}

static void label_name(uint64_t number) {
  dice d = dice_for(92, number, 0);
  if (chance(&d, 0.12)) {
    PUT("Not On Label (");
    name_word(&d);
    *at++ = ' ';
    name_word(&d);
    PUT(" Self-released)");
    return;
  }
  name_word(&d);
  *at++ = ' ';
  if (chance(&d, 0.5)) {
    name_word(&d);
    *at++ = ' ';
  }
  put(PICK_SKEWED(&d, house_names));
  if (chance(&d, 0.1)) {
    PUT(" (");
    decimal(2 + skewed(&d, 20));
    *at++ = ')';
  }
}

// Somebody known to all, or somebody who came to the database with this record.
static uint64_t pick(dice *d, enum entity kind, double progress, double known) {
  if (chance(d, known)) return very_skewed(d, base[kind]);
  uint64_t newest = (uint64_t)(progress * (double)base[kind]), back = skewed(d, newest / 50 + 20);
  return newest > back ? newest - back : uniform(d, base[kind]);
}

// The words of a note, some of which name an artist or a label.
static void prose(dice *d, int count) {
  int start = 1;
  while (count-- > 0) {
    if (chance(d, 0.02)) {
      if (chance(d, 0.5)) {
        PUT("[a=");
        artist_name(very_skewed(d, base[ARTIST]));
      } else {
        PUT("[l=");
        label_name(very_skewed(d, base[LABEL]));
      }
      *at++ = ']';
    } else if (chance(d, 0.03)) decimal(uniform(d, 2026));
    else if (start) name_word(d);
    else word(d);
    start = 0;
    if (count == 0) break;
    switch (uniform(d, 40)) {
      case 0:
        PUT(".&#13;\n");
        start = 1;
        break;
      case 1:
        PUT("\n\n");
        start = 1;
        break;
      case 2:
      case 3:
        PUT(". ");
        start = 1;
        break;
      case 4:
        PUT(" &amp; ");
        break;
      case 5:
      case 6:
        PUT(", ");
        break;
      default: *at++ = ' ';
    }
  }
  *at++ = '.';
}

// --- parts of several records

static void quality(dice *d) {
  PUT("<data_quality>");
  put(PICK_SKEWED(d, qualities));
  PUT("</data_quality>");
}

// An artist in a list; nobody in particular one time in fifty, without an id then.
static void credit(dice *d, uint64_t number, const char *join, const char *role, int with_tracks) {
  PUT("<artist>");
  if (number != 0 && chance(d, 0.02)) {
    PUT("<name>");
    name_word(d);
    *at++ = ' ';
    name_word(d);
  } else {
    PUT("<id>");
    decimal(id_of(ARTIST, number));
    PUT("</id><name>");
    artist_name(number);
  }
  PUT("</name>");
  if (chance(d, 0.1)) {
    PUT("<anv>");
    *at++ = (char)('A' + uniform(d, 26));
    PUT(". ");
    name_word(d);
    PUT("</anv>");
  }
  if (join) {
    PUT("<join>");
    put(join);
    PUT("</join>");
  }
  if (role) {
    PUT("<role>");
    put(role);
    PUT("</role>");
  }
  if (with_tracks && chance(d, 0.18)) {
    PUT("<tracks>");
    *at++ = (char)('A' + uniform(d, 4));
    decimal(1 + uniform(d, 8));
    if (chance(d, 0.5)) {
      put(chance(d, 0.5) ? " to " : ", ");
      *at++ = (char)('A' + uniform(d, 4));
      decimal(1 + uniform(d, 8));
    }
    PUT("</tracks>");
  }
  PUT("</artist>");
}

// The people of one release, who appear in it again and again.
typedef struct {
  uint64_t artists[12];
  int count;
} cast;

static cast cast_of(dice *d, double progress) {
  cast people = {.count = 2 + some(d, 3)};
  if (people.count > 12) people.count = 12;
  for (int n = 0; n < people.count; n++) people.artists[n] = pick(d, ARTIST, progress, 0.5);
  return people;
}

static void artists(dice *d, const cast *people, int count) {
  PUT("<artists>");
  for (int n = 0; n < count; n++) credit(d, people->artists[n % people->count], n + 1 < count ? PICK_SKEWED(d, joins) : NULL, NULL, 0);
  PUT("</artists>");
}

static void credits(dice *d, const cast *people, int count, int with_tracks) {
  if (count == 0) return;
  PUT("<extraartists>");
  while (count-- > 0)
    credit(d, people->artists[uniform(d, (uint64_t)people->count)], NULL, PICK_SKEWED(d, roles), with_tracks);
  PUT("</extraartists>");
}

static void genres_and_styles(dice *d) {
  int first = (int)skewed(d, COUNT(genres));
  PUT("<genres><genre>");
  put(genres[first]);
  PUT("</genre>");
  for (int more = some(d, 0.33), n = 1; n <= more && n < 4; n++) {
    PUT("<genre>");
    put(genres[(first + n) % (int)COUNT(genres)]);
    PUT("</genre>");
  }
  PUT("</genres>");
  int count = chance(d, 0.12) ? 0 : 1 + some(d, 0.7);
  if (count == 0) return;
  uint64_t style = (skewed(d, COUNT(styles)) + (uint64_t)first * 7) % COUNT(styles);
  PUT("<styles>");
  for (int n = 0; n < count && n < 8; n++) {
    PUT("<style>");
    put(styles[(style + (uint64_t)n * 5) % COUNT(styles)]);
    PUT("</style>");
  }
  PUT("</styles>");
}

static void videos(dice *d, double share, double mean) {
  int count = chance(d, share) ? 1 + some(d, mean) : 0;
  if (count == 0) return;
  PUT("<videos>");
  while (count-- > 0) {
    PUT("<video src=\"https://www.youtube.com/watch?v=");
    code(d, 11, BASE64, 64);
    PUT("\" duration=\"");
    decimal(60 + skewed(d, 2000));
    PUT("\" embed=\"true\"><title>");
    title(d);
    PUT("</title><description>");
    if (chance(d, 0.5)) title(d);
    else prose(d, 5 + some(d, 25));
    PUT("</description></video>");
  }
  PUT("</videos>");
}

static void urls(dice *d, int count) {
  if (count == 0) return;
  PUT("<urls>");
  while (count-- > 0) {
    static const char *const sites[] = {"https://www.facebook.com/", "https://soundcloud.com/", "https://www.instagram.com/", "https://en.wikipedia.org/wiki/", "http://www.myspace.com/",
      "https://twitter.com/", "https://www.imdb.com/name/nm", "https://www.youtube.com/user/"};
    PUT("<url>");
    put(PICK_SKEWED(d, sites));
    word(d);
    word(d);
    PUT("</url>");
  }
  PUT("</urls>");
}

static void named(const char *tag, enum entity kind, uint64_t number) {
  *at++ = '<';
  put(tag);
  PUT(" id=\"");
  decimal(id_of(kind, number));
  PUT("\">");
  (kind == ARTIST ? artist_name : label_name)(number);
  PUT("</");
  put(tag);
  *at++ = '>';
}

// --- records

static void artist(dice *d, uint64_t number) {
  double progress = (double)number / (double)base[ARTIST];
  PUT("<artist><id>");
  decimal(id_of(ARTIST, number));
  PUT("</id><name>");
  artist_name(number);
  PUT("</name>");
  if (chance(d, 0.3)) {
    PUT("<realname>");
    name_word(d);
    *at++ = ' ';
    title(d);
    PUT("</realname>");
  }
  if (chance(d, 0.25)) {
    PUT("<profile>");
    prose(d, 3 + some(d, 25));
    PUT("</profile>");
  }
  quality(d);
  urls(d, chance(d, 0.1) ? 1 + some(d, 1) : 0);
  int count = chance(d, 0.18) ? 1 + some(d, 1.4) : 0;
  if (count) {
    PUT("<namevariations>");
    while (count-- > 0) {
      PUT("<name>");
      *at++ = (char)('A' + uniform(d, 26));
      PUT(". ");
      name_word(d);
      PUT("</name>");
    }
    PUT("</namevariations>");
  }
  static const struct {
    const char *tag;
    double share, mean;
  } lists[] = {{"aliases", 0.15, 2}, {"members", 0.05, 2.5}, {"groups", 0.1, 1}};
  for (size_t list = 0; list < COUNT(lists); list++) {
    if (!chance(d, lists[list].share)) continue;
    *at++ = '<';
    put(lists[list].tag);
    *at++ = '>';
    for (int n = 1 + some(d, lists[list].mean); n > 0; n--) named("name", ARTIST, pick(d, ARTIST, progress, 0.2));
    PUT("</");
    put(lists[list].tag);
    *at++ = '>';
  }
  PUT("</artist>\n");
}

static void label(dice *d, uint64_t number) {
  PUT("<label><id>");
  decimal(id_of(LABEL, number));
  PUT("</id><name>");
  label_name(number);
  PUT("</name>");
  if (chance(d, 0.12)) {
    PUT("<contactinfo>");
    title(d);
    PUT("&#13;\n");
    decimal(uniform(d, 99999));
    *at++ = ' ';
    name_word(d);
    PUT("&#13;\n");
    word(d);
    *at++ = '@';
    word(d);
    PUT(".com</contactinfo>");
  }
  if (chance(d, 0.3)) {
    PUT("<profile>");
    prose(d, 3 + some(d, 20));
    PUT("</profile>");
  }
  quality(d);
  // A few labels have most sublabels: a label's parent is known to all.
  if (chance(d, 0.1)) named("parentLabel", LABEL, very_skewed(d, base[LABEL]));
  urls(d, chance(d, 0.12) ? 1 + some(d, 1) : 0);
  if (chance(d, 0.03)) {
    PUT("<sublabels>");
    for (int n = 1 + some(d, 3); n > 0; n--) named("label", LABEL, uniform(d, base[LABEL]));
    PUT("</sublabels>");
  }
  PUT("</label>\n");
}

static uint64_t main_release(uint64_t master) { return master * base[RELEASE] / base[MASTER]; }

static void master(dice *d, uint64_t number) {
  cast people = cast_of(d, (double)number / (double)base[MASTER]);
  PUT("<master id=\"");
  decimal(id_of(MASTER, number));
  PUT("\"><main_release>");
  decimal(id_of(RELEASE, main_release(number < base[MASTER] ? number : base[MASTER] - 1)));
  PUT("</main_release>");
  artists(d, &people, 1 + some(d, 0.25));
  genres_and_styles(d);
  PUT("<year>");
  decimal(chance(d, 0.03) ? 0 : 2026 - skewed(d, 80));
  PUT("</year><title>");
  title(d);
  PUT("</title>");
  quality(d);
  if (chance(d, 0.03)) {
    PUT("<notes>");
    prose(d, 20);
    PUT("</notes>");
  }
  videos(d, 0.55, 4);
  PUT("</master>\n");
}

static void position(char side, unsigned number) {
  if (side) *at++ = side;
  decimal(number);
}

static void track(dice *d, const cast *people, char side, unsigned number, int numbered, int share_of_parts) {
  PUT("<track>");
  int parts = chance(d, share_of_parts / 1000.0);
  if (numbered && !parts) {
    PUT("<position>");
    position(side, number);
    PUT("</position>");
  }
  PUT("<title>");
  title(d);
  PUT("</title>");
  if (!parts && chance(d, 0.55)) {
    PUT("<duration>");
    decimal(1 + skewed(d, 20));
    *at++ = ':';
    two((unsigned)uniform(d, 60));
    PUT("</duration>");
  }
  if (chance(d, 0.2)) artists(d, people, 1 + some(d, 0.15));
  credits(d, people, chance(d, 0.16) ? 1 + some(d, 2) : 0, 0);
  if (parts) {
    PUT("<sub_tracks>");
    for (unsigned part = 1, count = 2 + (unsigned)some(d, 2); part <= count; part++) track(d, people, side, number * 10 + part, numbered, 0);
    PUT("</sub_tracks>");
  }
  PUT("</track>");
}

static void tracklist(dice *d, const cast *people) {
  int count = 1 + some(d, 8), numbered = !chance(d, 0.009), vinyl = chance(d, 0.5);
  PUT("<tracklist>");
  for (int n = 0; n < count; n++) {
    if (count > 3 && chance(d, 0.02)) {  // a heading
      PUT("<track><title>");
      title(d);
      PUT("</title></track>");
    }
    int half = (count + 1) / 2;
    track(d, people, vinyl ? (char)('A' + n / half) : 0, (unsigned)(vinyl ? n % half + 1 : n + 1), numbered, 6);
  }
  PUT("</tracklist>");
}

static void barcode(dice *d) {
  char digits[13];
  int sum = 0, count = chance(d, 0.7) ? 13 : 12;
  for (int n = 0; n < count - 1; n++) {
    digits[n] = (char)('0' + uniform(d, 10));
    sum += (digits[n] - '0') * ((count - 1 - n) % 2 ? 3 : 1);
  }
  digits[count - 1] = (char)('0' + (10 - sum % 10 + (chance(d, 0.05) ? 1 : 0)) % 10);
  for (int n = 0; n < count; n++) {
    if (n == 1 || n == count - 6) {
      if (digits[2] & 1) *at++ = ' ';
    }
    *at++ = digits[n];
  }
}

static void identifiers(dice *d) {
  int count = chance(d, 0.55) ? 1 + some(d, 2.1) : 0;
  if (count == 0) return;
  PUT("<identifiers>");
  if (chance(d, 0.6)) {
    PUT("<identifier type=\"Barcode\" ");
    if (chance(d, 0.3)) put(chance(d, 0.5) ? "description=\"Text\" " : "description=\"Scanned\" ");
    PUT("value=\"");
    barcode(d);
    PUT("\"/>");
    count--;
  }
  while (count-- > 0) {
    if (chance(d, 0.65)) {
      PUT("<identifier type=\"Matrix / Runout\" description=\"");
      put(PICK(d, matrix_descriptions));
      PUT("\" value=\"");
      code(d, 4 + (int)uniform(d, 8), UPPER, 32);
      put(chance(d, 0.5) ? " A" : "-B1 △");
      PUT("\"/>");
    } else {
      PUT("<identifier type=\"");
      put(PICK_SKEWED(d, other_identifiers));
      PUT("\" value=\"");
      code(d, 3 + (int)uniform(d, 6), UPPER, 32);
      PUT("\"/>");
    }
  }
  PUT("</identifiers>");
}

static void release(dice *d, uint64_t number) {
  double progress = (double)number / (double)base[RELEASE];
  cast people = cast_of(d, progress);
  PUT("<release id=\"");
  decimal(id_of(RELEASE, number));
  PUT("\">");
  artists(d, &people, 1 + some(d, 0.25));
  PUT("<title>");
  title(d);
  PUT("</title><labels>");
  uint64_t own_label = pick(d, LABEL, progress, 0.6);
  for (int count = 1 + some(d, 0.15); count > 0; count--) {
    PUT("<label name=\"");
    label_name(own_label);
    PUT("\" catno=\"");
    if (chance(d, 0.15)) PUT("none");
    else {
      code(d, 2 + (int)(own_label % 3), UPPER, 22);
      *at++ = ' ';
      decimal(1 + skewed(d, 9999));
    }
    PUT("\" id=\"");
    decimal(id_of(LABEL, own_label));
    PUT("\"/>");
    if (chance(d, 0.5)) own_label = pick(d, LABEL, progress, 0.6);
  }
  PUT("</labels>");
  if (chance(d, 0.06)) {
    uint64_t series = pick(d, LABEL, progress, 0.8);
    PUT("<series><series name=\"");
    label_name(series);
    PUT("\" catno=\"");
    decimal(1 + skewed(d, 200));
    PUT("\" id=\"");
    decimal(id_of(LABEL, series));
    PUT("\"/></series>");
  }
  credits(d, &people, chance(d, 0.55) ? 1 + some(d, 5.4) : 0, 1);
  PUT("<formats>");
  for (int count = 1 + some(d, 0.04); count > 0; count--) {
    PUT("<format name=\"");
    put(PICK_SKEWED(d, formats));
    PUT("\" qty=\"");
    decimal(1 + (chance(d, 0.12) ? skewed(d, 12) : 0));
    PUT("\" text=\"");
    if (chance(d, 0.2)) put(PICK_SKEWED(d, format_texts));
    PUT("\"><descriptions>");
    for (int more = 1 + some(d, 1.2); more > 0; more--) {
      PUT("<description>");
      put(PICK_SKEWED(d, descriptions));
      PUT("</description>");
    }
    PUT("</descriptions></format>");
  }
  PUT("</formats>");
  genres_and_styles(d);
  if (chance(d, 0.97)) {
    PUT("<country>");
    put(PICK_SKEWED(d, countries));
    PUT("</country>");
  }
  if (chance(d, 0.9)) {
    PUT("<released>");
    decimal(2026 - skewed(d, 80));
    if (chance(d, 0.45)) {
      *at++ = '-';
      two(1 + (unsigned)uniform(d, 12));
      *at++ = '-';
      two(chance(d, 0.4) ? 0 : 1 + (unsigned)uniform(d, 28));
    }
    PUT("</released>");
  }
  if (chance(d, 0.5)) {
    PUT("<notes>");
    prose(d, 5 + some(d, 60));
    PUT("</notes>");
  }
  quality(d);
  uint64_t of = number * base[MASTER] / base[RELEASE], first = main_release(of);
  if (number < base[RELEASE] && (first == number || chance(d, 0.37))) {
    PUT("<master_id is_main_release=\"");
    put(first == number ? "true" : "false");
    PUT("\">");
    decimal(id_of(MASTER, of));
    PUT("</master_id>");
  }
  tracklist(d, &people);
  identifiers(d);
  videos(d, 0.22, 2.5);
  int count = chance(d, 0.5) ? 1 + some(d, 2.5) : 0;
  if (count) {
    PUT("<companies>");
    while (count-- > 0) {
      uint64_t kind = skewed(d, COUNT(companies));
      uint64_t company = very_skewed(d, base[LABEL] / 20 + 1);  // pressing plants are few, and known to all
      PUT("<company>");
      if (chance(d, 0.99)) {
        PUT("<id>");
        decimal(id_of(LABEL, company));
        PUT("</id>");
      }
      PUT("<name>");
      label_name(company);
      PUT("</name>");
      if (chance(d, 0.1)) {
        PUT("<catno>");
        code(d, 6, UPPER, 32);
        PUT("</catno>");
      }
      PUT("<entity_type>");
      put(companies[kind].number);
      PUT("</entity_type><entity_type_name>");
      put(companies[kind].name);
      PUT("</entity_type_name></company>");
    }
    PUT("</companies>");
  }
  PUT("</release>\n");
}

int main(int count, char **arguments) {
  enum entity kind = ENTITIES;
  for (int n = 0; count == 5 && n < ENTITIES; n++)
    if (strncmp(arguments[1], entity_names[n], strlen(entity_names[n])) == 0) kind = (enum entity)n;
  double share = count == 5 ? atof(arguments[2]) : 0;
  if (kind == ENTITIES || share <= 0) {
    fputs("usage: month artists|labels|masters|releases SHARE SEED EDITION\n", stderr);
    return 64;
  }
  seed = strtoull(arguments[3], NULL, 10);
  edition = strtoull(arguments[4], NULL, 10);
  for (int n = 0; n < ENTITIES; n++) base[n] = (uint64_t)(full_size[n] * share) + 100;
  make_words();
  buffer = at = malloc(BUFFER + LONGEST);
  *at++ = '<';
  put(entity_names[kind]);
  PUT("s>\n");
  static void (*const record[])(dice *, uint64_t) = {artist, label, master, release};
  uint64_t all = base[kind] + (uint64_t)((double)base[kind] * 0.005 * (double)edition);
  for (uint64_t number = 0; number < all; number++) {
    uint64_t version = 0, gone = 0;
    for (uint64_t month = 1; month <= edition; month++) {
      uint64_t fate = mixed(seed ^ mixed(number * ENTITIES + kind) ^ month << 40);
      version += fate % 100 == 0;
      gone |= fate / 100 % 20000 == 0;
    }
    if (gone) continue;
    dice d = dice_for(kind, number, version);
    record[kind](&d, number);
    if (at - buffer > BUFFER) flush();
  }
  PUT("</");
  put(entity_names[kind]);
  PUT("s>\n");
  flush();
  fprintf(stderr, "%" PRIu64 "\n", flushed);
  return 0;
}
