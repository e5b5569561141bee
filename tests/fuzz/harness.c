/* libFuzzer around one target of tests/fuzz/targets.py, named by ROTEIRO_TARGET.
 *
 * An exception that a target lets out is a finding, like a fault of memory. Of Python files whose
 * path ends in one of ROTEIRO_LINES (names between colons) the steps from line to line are coverage:
 * the parsers that are not compiled are guided as well. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 8192

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t steps[STEPS];
static PyObject *target;
static const char *lines;

static void stop(const char *what) {
    fprintf(stderr, "harness: %s\n", what);
    if (PyErr_Occurred()) {
        PyErr_Print();
    }
    fflush(NULL);
    abort();
}

/* Whether a path ends in one of the names. */
static int is_counted(const char *path) {
    size_t size = strlen(path);
    const char *at = lines;
    while (*at) {
        size_t count = strcspn(at, ":");
        if (count && count <= size && memcmp(path + size - count, at, count) == 0) {
            return 1;
        }
        at += count + (at[count] == ':');
    }
    return 0;
}

static int on_line(PyObject *self, PyFrameObject *frame, int what, PyObject *arg) {
    static uint32_t before;
    PyCodeObject *code;
    (void)self;
    (void)arg;
    if (what != PyTrace_LINE && what != PyTrace_CALL) {
        return 0;
    }
    code = PyFrame_GetCode(frame);
    if (what == PyTrace_CALL) {
        const char *path = PyUnicode_AsUTF8(code->co_filename);
        if (path == NULL || !is_counted(path)) {
            PyErr_Clear();
            PyObject_SetAttrString((PyObject *)frame, "f_trace_lines", Py_False);
        }
    } else {
        uint32_t here = (uint32_t)PyFrame_GetLineNumber(frame) * 2654435761u;
        steps[(here ^ before >> 1) >> 8 & (STEPS - 1)]++;
        before = here;
    }
    Py_DECREF(code);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *name = getenv("ROTEIRO_TARGET");
    PyObject *module;
    (void)argc;
    (void)argv;
    Py_InitializeEx(0);
    module = PyImport_ImportModule("fuzz.targets");
    if (module == NULL || name == NULL) {
        stop("no targets, or none was named");
    }
    target = PyObject_GetAttrString(module, name);
    Py_DECREF(module);
    if (target == NULL) {
        stop("no such target");
    }
    lines = getenv("ROTEIRO_LINES");
    if (lines != NULL && *lines) {
        PyEval_SetTrace(on_line, NULL);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    PyObject *result = PyObject_CallFunction(target, "y#", (const char *)data, (Py_ssize_t)size);
    if (result == NULL) {
        stop("a target let an exception out");
    }
    Py_DECREF(result);
    return 0;
}
