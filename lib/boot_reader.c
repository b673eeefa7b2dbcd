#include "boot_reader.h"

#include "format.h"
#include "string.h"

#include <stdarg.h>

struct boot_reader boot_reader_start(const char *loader, const struct phys_view *view, struct boot_info *out,
                                     char *err, size_t err_size)
{
    memset(out, 0, sizeof(*out));
    out->loader = loader;
    format(err, err_size, "%s", "");
    return (struct boot_reader){view, out, err, err_size};
}

bool boot_fail(const struct boot_reader *reader, const char *fmt, ...)
{
    size_t used = format(reader->err, reader->err_size, "%s: ", reader->out->loader);
    va_list args;

    va_start(args, fmt);
    vformat_behind(reader->err, reader->err_size, used, fmt, args);
    va_end(args);
    return false;
}

bool boot_readable(const struct boot_reader *reader, uint64_t at, uint64_t size)
{
    const struct phys_view *view = reader->view;

    return at >= view->start && at - view->start <= view->size && size <= view->size - (at - view->start);
}

bool boot_read(const struct boot_reader *reader, uint64_t at, void *to, size_t size, const char *what)
{
    if (!boot_readable(reader, at, size))
        return boot_fail(reader, "%s at 0x%llx lies outside the readable memory", what,
                         (unsigned long long)at);
    memcpy(to, reader->view->bytes + (at - reader->view->start), size);
    return true;
}

bool boot_read_line(const struct boot_reader *reader, uint64_t at, uint64_t limit)
{
    char *line = reader->out->line;

    for (unsigned length = 0; length < limit; length++) {
        if (length == BOOT_LINE_SIZE)
            return boot_fail(reader, "command line is longer than %u characters", BOOT_LINE_SIZE - 1);
        if (!boot_read(reader, at + length, &line[length], 1, "command line"))
            return false;
        if (line[length] == '\0')
            return true;
    }
    return boot_fail(reader, "command line has no NUL at its end");
}

bool boot_add_range(const struct boot_reader *reader, uint64_t start, uint64_t size, bool usable)
{
    struct boot_info *out = reader->out;

    if (size == 0)
        return true;
    if (start > UINT64_MAX - size)
        return boot_fail(reader, "memory map entry at 0x%llx of 0x%llx bytes wraps around",
                         (unsigned long long)start, (unsigned long long)size);
    if (out->map_count == BOOT_MAP_MAX)
        return boot_fail(reader, "memory map has more than %u entries", BOOT_MAP_MAX);
    out->map[out->map_count++] = (struct mem_range){start, start + size, usable};
    return true;
}

bool boot_add_module(const struct boot_reader *reader, uint64_t start, uint64_t size)
{
    struct boot_info *out = reader->out;

    if (size == 0)
        return true;
    if (start > UINT64_MAX - size)
        return boot_fail(reader, "module at 0x%llx of 0x%llx bytes wraps around", (unsigned long long)start,
                         (unsigned long long)size);
    if (out->module_count == BOOT_MODULES_MAX)
        return boot_fail(reader, "boot information and modules are more than %u pieces", BOOT_MODULES_MAX);
    out->modules[out->module_count++] = (struct mem_range){start, start + size, false};
    return true;
}

bool boot_reader_end(const struct boot_reader *reader)
{
    return reader->out->map_count > 0 || boot_fail(reader, "memory map is missing or empty");
}
