#pragma once
/* Whole lines of 7-bit ASCII, ended by CR LF, to the console. */

/* Formats (lib/format.h) and sends one line; text beyond LOG_LINE_MAX characters is cut. Context: any. */
#define LOG_LINE_MAX 1279
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* For whoever ends the run: waits until no line is being printed, but not for a processor that hangs in one.
 * There has to be a clock. */
void log_seize(void);
