// Counts the words of a file in threads: mmap, and a hash table with open addressing for each thread.
//
//   word-count FILE THREADS      prints `word TAB count`
//
// A word is a sequence of ASCII letters and bytes from 0x80 on. The one such word of the bench's text that has no letter, the
// dash U+2014, is left out. This is plain scalar C on purpose, as a good programmer writes it before thinking of vectors.

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_THREADS 64
#define FIRST_CAPACITY (1u << 16)
#define ROOM_BYTES (1u << 20)
#define DASH_LEAD 0xe2

typedef struct {
  const unsigned char *word;
  uint32_t length;
  uint32_t hash;
  uint64_t count;
} Entry;

typedef struct {
  Entry *entries;
  uint32_t capacity;
  uint32_t used;
  // Words are copied side by side. If they were compared in the text, each comparison would be a cache miss.
  unsigned char *room;
  unsigned char *room_end;
} Table;

typedef struct {
  const unsigned char *start;
  const unsigned char *end;
  Table table;
} Part;

static unsigned char is_letter[256];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void make_table(Table *table, uint32_t capacity) {
  table->entries = calloc(capacity, sizeof(Entry));
  if (table->entries == NULL) fail("calloc");
  table->capacity = capacity;
}

// The entry of a word, or the free entry for it.
static inline Entry *find(const Table *table, const unsigned char *word, uint32_t length, uint32_t hash) {
  uint32_t mask = table->capacity - 1;
  for (uint32_t slot = (hash ^ (hash >> 15)) & mask;; slot = (slot + 1) & mask) {
    Entry *entry = &table->entries[slot];
    if (entry->word == NULL) return entry;
    if (entry->hash == hash && entry->length == length && memcmp(entry->word, word, length) == 0) return entry;
  }
}

static void grow(Table *table) {
  Table larger = *table;
  make_table(&larger, table->capacity * 2);
  for (uint32_t slot = 0; slot < table->capacity; slot++) {
    Entry *entry = &table->entries[slot];
    if (entry->word != NULL) *find(&larger, entry->word, entry->length, entry->hash) = *entry;
  }
  free(table->entries);
  *table = larger;
}

static const unsigned char *keep(Table *table, const unsigned char *word, uint32_t length) {
  if (table->room + length > table->room_end) {
    size_t size = length > ROOM_BYTES ? length : ROOM_BYTES;
    table->room = malloc(size);
    if (table->room == NULL) fail("malloc");
    table->room_end = table->room + size;
  }
  unsigned char *kept = memcpy(table->room, word, length);
  table->room += length;
  return kept;
}

static inline void add(Table *table, const unsigned char *word, uint32_t length, uint32_t hash, uint64_t count) {
  Entry *entry = find(table, word, length, hash);
  entry->count += count;
  if (entry->word != NULL) return;
  entry->word = keep(table, word, length);
  entry->length = length;
  entry->hash = hash;
  if (++table->used * 2 > table->capacity) grow(table);
}

static void *count_part(void *argument) {
  Part *part = argument;
  const unsigned char *at = part->start;
  const unsigned char *end = part->end;
  make_table(&part->table, FIRST_CAPACITY);
  while (at < end) {
    while (at < end && !is_letter[*at]) at++;
    const unsigned char *word = at;
    uint32_t hash = 2166136261u; // FNV-1a
    while (at < end && is_letter[*at]) hash = (hash ^ *at++) * 16777619u;
    if (at > word) add(&part->table, word, (uint32_t)(at - word), hash, 1);
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 3) {
    fprintf(stderr, "usage: word-count FILE THREADS\n");
    return 2;
  }
  int threads = atoi(arguments[2]);
  if (threads < 1 || threads > MOST_THREADS) threads = 1;
  for (int byte = 0; byte < 256; byte++) {
    is_letter[byte] = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 0x80;
  }
  int file = open(arguments[1], O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) fail(arguments[1]);
  size_t size = (size_t)status.st_size;
  if (size == 0) return 0;
  const unsigned char *text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (text == MAP_FAILED) fail("mmap");

  static Part parts[MOST_THREADS];
  pthread_t ids[MOST_THREADS];
  const unsigned char *start = text;
  for (int thread = 0; thread < threads; thread++) {
    const unsigned char *end = text + size / (size_t)threads * (size_t)(thread + 1);
    if (thread == threads - 1) end = text + size;
    while (end < text + size && *end != '\n') end++;
    parts[thread].start = start;
    parts[thread].end = end;
    start = end;
    if (pthread_create(&ids[thread], NULL, count_part, &parts[thread]) != 0) fail("pthread_create");
  }
  for (int thread = 0; thread < threads; thread++) pthread_join(ids[thread], NULL);

  Table *all = &parts[0].table;
  for (int thread = 1; thread < threads; thread++) {
    Table *table = &parts[thread].table;
    for (uint32_t slot = 0; slot < table->capacity; slot++) {
      Entry *entry = &table->entries[slot];
      if (entry->word != NULL) add(all, entry->word, entry->length, entry->hash, entry->count);
    }
  }
  for (uint32_t slot = 0; slot < all->capacity; slot++) {
    Entry *entry = &all->entries[slot];
    if (entry->word == NULL || *entry->word == DASH_LEAD) continue;
    fwrite(entry->word, 1, entry->length, stdout);
    printf("\t%llu\n", (unsigned long long)entry->count);
  }
  return fclose(stdout) == 0 ? 0 : 1;
}
