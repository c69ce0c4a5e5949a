// NVRTC's interface over the host's C++ compiler. Objects are kept by the hash of what they were made from in the folder
// of this library, so a kernel is compiled once, whichever process meets it first.
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "image.h"

#define EXPORT extern "C" __attribute__((visibility("default")))
extern "C" int64_t cuemu_get(const char *name);
extern "C" int cuemu_set(const char *name, int64_t value);
extern char **environ;

namespace {

enum { SUCCESS = 0, INVALID_INPUT = 3, INVALID_PROGRAM = 4, INVALID_OPTION = 5, COMPILATION = 6 };

struct Program {
    std::string source, name, log, image;
    std::vector<std::pair<std::string, std::string>> headers;
};

std::string folder_of_this_library() {
    Dl_info info;
    dladdr((void *)&folder_of_this_library, &info);
    std::string path = info.dli_fname;
    return path.substr(0, path.find_last_of('/'));
}

std::string read_file(const std::string &path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
}

std::string hash_of(const std::string &text) {
    uint64_t a = 1469598103934665603u, b = 0x9e3779b97f4a7c15u;
    for (unsigned char c : text) a = (a ^ c) * 1099511628211u, b = (b + c) * 0x2545f4914f6cdd1du ^ b >> 29;
    char out[33];
    snprintf(out, sizeof out, "%016llx%016llx", (unsigned long long)a, (unsigned long long)b);
    return out;
}

// Runs a command; its messages go to the log.
bool run(const std::vector<std::string> &command, const std::string &log_file) {
    std::vector<char *> arguments;
    for (const std::string &s : command) arguments.push_back(const_cast<char *>(s.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t child;
    int status = 0;
    bool ran = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    while (ran && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return ran && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string replace_all(std::string text, const std::string &what, const std::string &with) {
    for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) text.replace(at, what.size(), with);
    return text;
}

// Names the marks that the header left for the compiler – shared memory lies in a section of its own, which the driver spoils before a
// block runs – and adds for each kernel what the driver calls.
std::string complete(const std::string &text) {
    static const std::regex dynamic(R"(extern\s+CUEMU_SHARED\s+((?:__attribute__\s*\(\(.*?\)\)\s*)?)([\w\s:]+?)\s+(\w+)\s*\[\s*\]\s*;)");
    static const std::regex kernel(R"(CUEMU_GLOBAL\s+(?:__attribute__\s*\(\(.*?\)\)\s*)?(?:static\s+|inline\s+)?void\s+(\w+)\s*\()");
    std::string out = std::regex_replace(text, dynamic, "$2 *const $3 = ($2 *)cuemu_current->dynamic_shared;");
    std::set<std::string> names;
    for (std::sregex_iterator it(out.begin(), out.end(), kernel), end; it != end; ++it) names.insert((*it)[1]);
    out = replace_all(replace_all(out, "CUEMU_GLOBAL", ""), "CUEMU_SHARED", "static __attribute__((section(\"cuemu_shared_memory\")))");
    out += R"(
# 1 "entries"
extern "C" {
__attribute__((visibility("default"))) cuemu_thread *cuemu_current;
extern char __start_cuemu_shared_memory[] __attribute__((weak, visibility("hidden")));
extern char __stop_cuemu_shared_memory[] __attribute__((weak, visibility("hidden")));
__attribute__((visibility("default"))) char *cuemu_shared(size_t *bytes) {
    *bytes = (size_t)(__stop_cuemu_shared_memory - __start_cuemu_shared_memory);
    return __start_cuemu_shared_memory;
}
}
namespace cuemu {
template <unsigned... I> struct numbers {};
template <unsigned N, unsigned... I> struct up_to : up_to<N - 1, N - 1, I...> {};
template <unsigned... I> struct up_to<0, I...> { typedef numbers<I...> type; };
template <class... A, unsigned... I> void call(void (*f)(A...), void **p, numbers<I...>) { (void)p; f(*(A *)p[I]...); }
template <class... A> void enter(void (*f)(A...), void **p) { call(f, p, typename up_to<sizeof...(A)>::type()); }
template <class... A> const size_t *sizes(void (*)(A...), size_t *count) {
    static const size_t all[] = {sizeof(A)..., 0};
    *count = sizeof...(A);
    return all;
}
}
)";
    for (const std::string &n : names) {
        out += "extern \"C\" __attribute__((visibility(\"default\"))) void cuemu_entry_" + n + "(void **p) { cuemu::enter(&" + n + ", p); }\n";
        out += "extern \"C\" __attribute__((visibility(\"default\"))) const size_t *cuemu_sizes_" + n
            + "(size_t *count) { return cuemu::sizes(&" + n + ", count); }\n";
    }
    return out;
}

bool compile(Program &program, const std::vector<std::string> &options, const std::string &object) {
    std::string base = object + "." + std::to_string(getpid()) + "-" + std::to_string((uintptr_t)&program);
    std::string source = base + ".cu", whole = base + ".ii.cpp", log = base + ".log", partial = base + ".partial";
    std::string here = folder_of_this_library();
    std::ofstream(source) << "# 1 \"" << program.name << "\"\n" << program.source;
    std::vector<std::string> preprocess = {"g++", "-E", "-x", "c++", "-std=c++17", "-nostdinc++", "-I", here + "/include",
                                           "-include", "cuemu_kernel.h"};
    preprocess.insert(preprocess.end(), options.begin(), options.end());
    preprocess.insert(preprocess.end(), {source, "-o", whole});
    bool done = run(preprocess, log);
    program.log = read_file(log);
    if (done) {
        std::string text = complete(read_file(whole));
        std::ofstream(whole) << text;
        done = run({"g++", "-x", "c++", "-std=c++17", "-fpreprocessed", "-O1", "-fPIC", "-shared", "-fvisibility=hidden",
                    "-fno-exceptions", "-fno-rtti", "-fno-gnu-unique", "-fno-threadsafe-statics", "-ffp-contract=off", "-fsanitize=alignment",
                    "-fsanitize-undefined-trap-on-error", "-w", whole, "-o", partial, "-lm"}, log);
        program.log += read_file(log);
    }
    if (done) rename(partial.c_str(), object.c_str());
    for (const std::string &f : {source, whole, log, partial}) unlink(f.c_str());
    return done;
}

}  // namespace

EXPORT const char *nvrtcGetErrorString(int e) { return e == 0 ? "NVRTC_SUCCESS" : e == COMPILATION ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR"; }
EXPORT int nvrtcVersion(int *major, int *minor) {
    *major = 12;
    *minor = 6;
    return SUCCESS;
}
EXPORT int nvrtcGetNumSupportedArchs(int *n) {
    *n = 4;
    return SUCCESS;
}
EXPORT int nvrtcGetSupportedArchs(int *out) {
    const int all[] = {75, 80, 90, 100};
    memcpy(out, all, sizeof all);
    return SUCCESS;
}
EXPORT int nvrtcCreateProgram(void **out, const char *source, const char *name, int headers, const char *const *texts, const char *const *names) {
    if (!source) return INVALID_INPUT;
    Program *p = new Program{source, name ? name : "default_program", "", "", {}};
    for (int i = 0; i < headers; i++) p->headers.emplace_back(names[i], texts[i]);
    *out = p;
    return SUCCESS;
}
EXPORT int nvrtcDestroyProgram(void **program) {
    delete (Program *)*program;
    *program = nullptr;
    return SUCCESS;
}
EXPORT int nvrtcCompileProgram(void *handle, int count, const char *const *options) {
    Program &p = *(Program *)handle;
    int64_t arch = 0;
    std::vector<std::string> passed;
    for (int i = 0; i < count; i++) {
        std::string o = options[i];
        std::smatch m;
        if (std::regex_match(o, m, std::regex("(?:--gpu-architecture|-arch)=sm_(\\d+)a?"))) arch = std::stoll(m[1]);
        else if (o.rfind("-D", 0) == 0) passed.push_back(o);
        else if (o.rfind("--define-macro=", 0) == 0) passed.push_back("-D" + o.substr(15));
        else if (o.rfind("-", 0) != 0) return INVALID_OPTION;
    }
    if (arch == 0) {
        p.log = "the emulation makes code for one architecture: -arch=sm_NN is needed\n";
        return INVALID_OPTION;
    }
    passed.push_back("-D__CUDA_ARCH__=" + std::to_string(arch * 10));
    for (auto &[name, text] : p.headers) {
        (void)text;
        p.log = "the emulation takes no header texts: " + name + "\n";
        return INVALID_INPUT;
    }
    cuemu_set("compilations", cuemu_get("compilations") + 1);
    if (int64_t left = cuemu_get("fail_compile"); left > 0) {
        cuemu_set("fail_compile", left - 1);
        p.log = p.name + "(1): error: a compilation that was told to fail\n";
        return COMPILATION;
    }
    std::string key = p.name + '\n' + p.source;
    for (const std::string &o : passed) key += '\n' + o;
    std::string folder = folder_of_this_library() + "/kernels", object = folder + "/" + hash_of(key) + ".so";
    mkdir(folder.c_str(), 0777);
    if (access(object.c_str(), R_OK) != 0 && !compile(p, passed, object)) return COMPILATION;
    std::string bytes = read_file(object);
    ImageHead head = {IMAGE_MAGIC, arch, bytes.size()};
    p.image.assign((const char *)&head, sizeof head);
    p.image += bytes;
    return SUCCESS;
}
EXPORT int nvrtcGetCUBINSize(void *program, size_t *size) {
    *size = ((Program *)program)->image.size();
    return SUCCESS;
}
EXPORT int nvrtcGetCUBIN(void *program, char *out) {
    Program &p = *(Program *)program;
    if (p.image.empty()) return INVALID_PROGRAM;
    memcpy(out, p.image.data(), p.image.size());
    return SUCCESS;
}
EXPORT int nvrtcGetProgramLogSize(void *program, size_t *size) {
    *size = ((Program *)program)->log.size() + 1;
    return SUCCESS;
}
EXPORT int nvrtcGetProgramLog(void *program, char *out) {
    Program &p = *(Program *)program;
    memcpy(out, p.log.c_str(), p.log.size() + 1);
    return SUCCESS;
}
