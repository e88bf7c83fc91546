#pragma once
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "signals.h"

// Macros and globals that Swift cannot see.

static inline attr_t fleet_attribute_bold(void) { return A_BOLD; }
static inline attr_t fleet_attribute_dim(void) { return A_DIM; }
static inline attr_t fleet_attribute_underline(void) { return A_UNDERLINE; }
static inline attr_t fleet_attribute_reverse(void) { return A_REVERSE; }
static inline int fleet_colour_count(void) { return COLORS; }

// Hidden without _XOPEN_SOURCE, which would contradict how Swift sees the C library.
extern int wcwidth(wchar_t character);

/// Columns the C library, and so ncurses, gives a character; negative when it does not know it in this locale.
static inline int fleet_library_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

/// Fills one cell; `marks` are at most three combining characters, zero where there is none.
static inline void fleet_set_cell(
    cchar_t *cell, uint32_t base, uint32_t mark1, uint32_t mark2, uint32_t mark3, attr_t attributes, int pair) {
    wchar_t text[5] = {(wchar_t)base, (wchar_t)mark1, (wchar_t)mark2, (wchar_t)mark3, 0};
    short narrow = (short)(pair > 32767 ? 0 : pair);
    setcchar(cell, text, attributes, narrow, pair > 32767 ? &pair : NULL);
}

/// Whether the character set of the current locale is UTF-8.
static inline bool fleet_locale_is_utf8(void) { return strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }
static inline bool fleet_set_ctype(const char *name) { return setlocale(LC_CTYPE, name) != NULL; }

static inline bool fleet_window_size(int fd, int *columns, int *rows) {
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return false;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return true;
}

/// From term.h, which would also define macros with names like `columns`.
extern char *tigetstr(const char *name);

/// A terminfo string, or NULL. ncurses answers (char *)-1 for a name that is no string.
static inline const char *fleet_terminfo_string(const char *name) {
    char *value = tigetstr(name);
    return value == (char *)-1 ? NULL : value;
}

/// A stream of its own for a descriptor, so that buffering and closing leave stdin and stdout alone.
static inline FILE *fleet_stream(int fd, const char *mode) {
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    return copy < 0 ? NULL : fdopen(copy, mode);
}
