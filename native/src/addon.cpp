// The Node addon: plain functions over N-API. Every long operation runs on a libuv worker (plus its own crew of threads) and
// returns a promise; a job object, made first, carries cancellation in and progress out.
#include "binfile.hpp"
#include "ceremony.hpp"
#include "prove.hpp"
#include "scalars.hpp"
#include "setup.hpp"
#include "verify.hpp"
#define NAPI_VERSION 8
#include <node_api.h>

namespace zk {
namespace {

// ---- small conversions -----------------------------------------------------------------------------------------------

napi_value undefined(napi_env env) {
  napi_value v = nullptr;
  napi_get_undefined(env, &v);
  return v;
}
napi_value text(napi_env env, const std::string& s) {
  napi_value v = nullptr;
  napi_create_string_utf8(env, s.data(), s.size(), &v);
  return v;
}
napi_value number(napi_env env, double x) {
  napi_value v = nullptr;
  napi_create_double(env, x, &v);
  return v;
}
void set(napi_env env, napi_value object, const char* name, napi_value value) { napi_set_named_property(env, object, name, value); }

napi_value makeError(napi_env env, const std::string& code, const std::string& message, const std::string& expected, const std::string& found) {
  napi_value e = nullptr;
  napi_create_error(env, text(env, code), text(env, message), &e);
  if (!expected.empty()) set(env, e, "expected", text(env, expected));
  if (!found.empty()) set(env, e, "found", text(env, found));
  return e;
}

struct BadArgument {
  const char* what;
};
napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value v = nullptr;
  napi_valuetype t;
  if (napi_typeof(env, object, &t) != napi_ok || t != napi_object || napi_get_named_property(env, object, name, &v) != napi_ok) throw BadArgument{name};
  return v;
}
std::string stringOf(napi_env env, napi_value v, const char* what) {
  size_t n = 0;
  if (napi_get_value_string_utf8(env, v, nullptr, 0, &n) != napi_ok) throw BadArgument{what};
  std::string s(n, 0);
  napi_get_value_string_utf8(env, v, s.data(), n + 1, &n);
  if (s.find('\0') != std::string::npos) throw BadArgument{what};
  return s;
}
int intOf(napi_env env, napi_value v, const char* what, int lo, int hi) {
  double d = 0;
  if (napi_get_value_double(env, v, &d) != napi_ok || !(d >= lo && d <= hi) || d != (int)d) throw BadArgument{what};
  return (int)d;
}
bool isType(napi_env env, napi_value v, napi_valuetype want) {
  napi_valuetype t;
  return napi_typeof(env, v, &t) == napi_ok && t == want;
}
/** The bytes of a typed array of the given element type, copied: JavaScript may detach or change it meanwhile. */
template <class T>
std::vector<T> arrayOf(napi_env env, napi_value v, napi_typedarray_type want, const char* what) {
  bool is = false;
  napi_is_typedarray(env, v, &is);
  napi_typedarray_type type;
  size_t n = 0;
  void* p = nullptr;
  if (!is || napi_get_typedarray_info(env, v, &type, &n, &p, nullptr, nullptr) != napi_ok || type != want) throw BadArgument{what};
  return n ? std::vector<T>((const T*)p, (const T*)p + n) : std::vector<T>();
}
napi_value bytes(napi_env env, const void* p, size_t n) {
  void* to = nullptr;
  napi_value buffer = nullptr, array = nullptr;
  // Fails while the environment is being torn down; nobody will see the result then.
  if (napi_create_arraybuffer(env, n, &to, &buffer) != napi_ok) return nullptr;
  if (n) memcpy(to, p, n);
  napi_create_typedarray(env, napi_uint8_array, n, buffer, 0, &array);
  return array;
}

const napi_type_tag JOB_TAG = {0x7a6b6f6e6e780001ull, 0x4a6f62ull};
const napi_type_tag KEY_TAG = {0x7a6b6f6e6e780002ull, 0x4b6579ull};

template <class T>
napi_value wrapShared(napi_env env, std::shared_ptr<T> p, const napi_type_tag& tag) {
  napi_value v = nullptr;
  auto* box = new std::shared_ptr<T>(std::move(p));
  if (napi_create_external(env, box, [](napi_env, void* data, void*) { delete (std::shared_ptr<T>*)data; }, nullptr, &v) != napi_ok) {
    delete box;
    return undefined(env);
  }
  napi_type_tag_object(env, v, &tag);
  return v;
}
template <class T>
std::shared_ptr<T>& unwrapShared(napi_env env, napi_value v, const napi_type_tag& tag, const char* what) {
  bool ok = false;
  void* p = nullptr;
  if (!isType(env, v, napi_external) || napi_check_object_type_tag(env, v, &tag, &ok) != napi_ok || !ok || napi_get_value_external(env, v, &p) != napi_ok) throw BadArgument{what};
  return *(std::shared_ptr<T>*)p;
}

const Kernel& kernelNamed(const std::string& name) {
  for (const Kernel* const* k = availableKernels(); *k; k++)
    if (name == (*k)->name) return **k;
  throw Error("ISA_UNAVAILABLE", "this processor cannot run the instruction set asked for", "", name);
}
const Kernel& kernelOf(napi_env env, napi_value options) {
  napi_value v = property(env, options, "isa");
  return isType(env, v, napi_undefined) ? *defaultKernel() : kernelNamed(stringOf(env, v, "isa"));
}
int threadsOf(napi_env env, napi_value options) {
  napi_value v = property(env, options, "threads");
  if (!isType(env, v, napi_undefined)) return intOf(env, v, "threads", 1, 1024);
  const unsigned n = std::thread::hardware_concurrency();
  return n ? (int)n : 1;
}

// ---- asynchronous work -----------------------------------------------------------------------------------------------

struct Work {
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  std::shared_ptr<Job> job;
  std::function<void(Job&)> execute;
  std::function<napi_value(napi_env)> result;
  bool failed = false;
  std::string code, message, expected, found;
};

void executeWork(napi_env, void* data) {
  Work& w = *(Work*)data;
  try {
    w.execute(*w.job);
  } catch (const Error& e) {
    w.failed = true;
    w.code = e.code;
    w.message = e.what();
    w.expected = e.expected;
    w.found = e.found;
  } catch (const std::bad_alloc&) {
    w.failed = true;
    w.code = "OUT_OF_MEMORY";
    w.message = "not enough memory";
  } catch (const std::exception& e) {
    w.failed = true;
    w.code = "INTERNAL";
    w.message = e.what();
  }
}
void completeWork(napi_env env, napi_status status, void* data) {
  std::unique_ptr<Work> w((Work*)data);
  if (status == napi_cancelled) {
    w->failed = true;
    w->code = "CANCELLED";
    w->message = "the operation was cancelled";
  }
  if (w->failed) {
    napi_reject_deferred(env, w->deferred, makeError(env, w->code, w->message, w->expected, w->found));
  } else {
    napi_resolve_deferred(env, w->deferred, w->result(env));
  }
  napi_delete_async_work(env, w->work);
}
napi_value start(napi_env env, std::unique_ptr<Work> w) {
  napi_value promise = nullptr;
  napi_create_promise(env, &w->deferred, &promise);
  napi_create_async_work(env, nullptr, text(env, "zkonnx"), executeWork, completeWork, w.get(), &w->work);
  Work* p = w.release();
  napi_queue_async_work(env, p->work);
  return promise;
}

/** Calls f with the single options argument and turns C++ errors into JavaScript ones. */
template <class F>
napi_value call(napi_env env, napi_callback_info info, F f) {
  napi_value options = nullptr;
  size_t n = 1;
  napi_get_cb_info(env, info, &n, &options, nullptr, nullptr);
  try {
    return f(options);
  } catch (const BadArgument& e) {
    napi_throw(env, makeError(env, "BAD_ARGUMENT", std::string("wrong or missing argument: ") + e.what, "", ""));
  } catch (const Error& e) {
    napi_throw(env, makeError(env, e.code, e.what(), e.expected, e.found));
  } catch (const std::exception& e) {
    napi_throw(env, makeError(env, "INTERNAL", e.what(), "", ""));
  }
  return nullptr;
}

std::unique_ptr<Work> newWork(napi_env env, napi_value options) {
  auto w = std::make_unique<Work>();
  w->job = unwrapShared<Job>(env, property(env, options, "job"), JOB_TAG, "job");
  return w;
}

// ---- functions -------------------------------------------------------------------------------------------------------

napi_value info(napi_env env, napi_callback_info) {
  napi_value o = nullptr, list = nullptr;
  napi_create_object(env, &o);
  napi_create_array(env, &list);
  uint32_t i = 0;
  for (const Kernel* const* k = availableKernels(); *k; k++) napi_set_element(env, list, i++, text(env, (*k)->name));
  set(env, o, "isa", text(env, defaultKernel()->name));
  set(env, o, "available", list);
  const unsigned n = std::thread::hardware_concurrency();
  set(env, o, "threads", number(env, n ? n : 1));
  set(env, o, "version", number(env, 1));
  return o;
}

napi_value newJob(napi_env env, napi_callback_info) { return wrapShared(env, std::make_shared<Job>(), JOB_TAG); }

napi_value progress(napi_env env, napi_callback_info i) {
  return call(env, i, [&](napi_value job) { return number(env, unwrapShared<Job>(env, job, JOB_TAG, "job")->permille.load() / 1000.0); });
}
napi_value cancel(napi_env env, napi_callback_info i) {
  return call(env, i, [&](napi_value job) {
    unwrapShared<Job>(env, job, JOB_TAG, "job")->cancelled = true;
    return undefined(env);
  });
}

napi_value loadKey(napi_env env, napi_callback_info i) {
  return call(env, i, [&](napi_value o) {
    auto w = newWork(env, o);
    const std::string path = stringOf(env, property(env, o, "zkeyPath"), "zkeyPath");
    const Kernel& kernel = kernelOf(env, o);
    const int threads = threadsOf(env, o);
    auto key = std::make_shared<std::shared_ptr<ProvingKey>>();
    w->execute = [=, &kernel](Job& job) {
      Crew crew(threads, job);
      *key = std::make_shared<ProvingKey>(path, kernel, crew);
    };
    w->result = [key](napi_env e) {
      napi_value r = nullptr;
      napi_create_object(e, &r);
      const ProvingKey& k = **key;
      set(e, r, "wires", number(e, k.wires));
      set(e, r, "publics", number(e, k.publics));
      set(e, r, "domain", number(e, k.domain));
      set(e, r, "isa", text(e, k.kernel.name));
      set(e, r, "handle", wrapShared(e, *key, KEY_TAG));
      return r;
    };
    return start(env, std::move(w));
  });
}

napi_value releaseKey(napi_env env, napi_callback_info i) {
  return call(env, i, [&](napi_value handle) {
    unwrapShared<ProvingKey>(env, handle, KEY_TAG, "handle").reset();
    return undefined(env);
  });
}

/** Plain little-endian coordinates: A.x A.y B.x.c0 B.x.c1 B.y.c0 B.y.c1 C.x C.y. */
struct PlainProof {
  U256 x[8];
};
PlainProof plainProof(const Kernel& K, const Proof& p) {
  const U256 m[8] = {p.a.x, p.a.y, p.b.x.c0, p.b.x.c1, p.b.y.c0, p.b.y.c1, p.c.x, p.c.y};
  PlainProof r;
  for (int i = 0; i < 8; i++) r.x[i] = K.fqMul(m[i], ONE_256);
  return r;
}

napi_value proveCall(napi_env env, napi_callback_info i) {
  return call(env, i, [&](napi_value o) {
    auto w = newWork(env, o);
    struct State {
      std::shared_ptr<ProvingKey> key;
      std::string wtnsPath;
      std::vector<u8> wtns, wideValues;
      std::vector<i32> values;
      std::vector<u32> wideWires;
      PlainProof proof;
      std::vector<U256> publics;
      Timings timings;
      bool check = false, valid = true;
    };
    auto s = std::make_shared<State>();
    s->key = unwrapShared<ProvingKey>(env, property(env, o, "handle"), KEY_TAG, "handle");
    if (!s->key) throw Error("KEY_RELEASED", "the proving key was released");
    napi_value check = property(env, o, "selfCheck");
    napi_get_value_bool(env, check, &s->check);
    napi_value witness = property(env, o, "witness");
    int kind;
    if (isType(env, witness, napi_string)) {
      kind = 0;
      s->wtnsPath = stringOf(env, witness, "witness");
    } else {
      bool typed = false;
      napi_is_typedarray(env, witness, &typed);
      if (typed) {
        kind = 1;
        s->wtns = arrayOf<u8>(env, witness, napi_uint8_array, "witness");
      } else {
        kind = 2;
        s->values = arrayOf<i32>(env, property(env, witness, "values"), napi_int32_array, "witness.values");
        s->wideWires = arrayOf<u32>(env, property(env, witness, "wideWires"), napi_uint32_array, "witness.wideWires");
        s->wideValues = arrayOf<u8>(env, property(env, witness, "wideValues"), napi_uint8_array, "witness.wideValues");
        if (s->wideValues.size() != s->wideWires.size() * 32) throw BadArgument{"witness.wideValues"};
      }
    }
    const int threads = threadsOf(env, o);
    w->execute = [s, kind, threads](Job& job) {
      Crew crew(threads, job);
      Witness witness;
      if (kind == 0) {
        witness = witnessFromFile(BinFile(s->wtnsPath, "wtns", 2), crew);
      } else if (kind == 1) {
        witness = witnessFromFile(BinFile(s->wtns.data(), s->wtns.size(), "wtns", 2, "the witness"), crew);
        std::vector<u8>().swap(s->wtns);
      } else {
        witness = witnessFromSmall(s->values.data(), s->values.size(), s->wideWires.data(), s->wideValues.data(), s->wideWires.size());
        std::vector<i32>().swap(s->values);
      }
      const Kernel& K = s->key->kernel;
      const Proof p = zk::prove(*s->key, witness, crew, &s->timings);
      s->proof = plainProof(K, p);
      for (u32 j = 1; j <= s->key->publics; j++) s->publics.push_back(witness.at(j));
      if (s->check) {
        VerifierInput v{s->key->verifying(), {p}, {s->publics}};
        if (!verifyBatch(v, K, crew)[0]) throw Error("PROOF_INVALID", "the proof made does not verify: the witness does not satisfy the circuit of this key, or the key is corrupt");
      }
      s->key.reset();
    };
    w->result = [s](napi_env e) {
      napi_value r = nullptr, t = nullptr;
      napi_create_object(e, &r);
      set(e, r, "proof", bytes(e, &s->proof, sizeof s->proof));
      set(e, r, "publicSignals", bytes(e, s->publics.data(), s->publics.size() * 32));
      napi_create_object(e, &t);
      set(e, t, "witness", number(e, s->timings.witness));
      set(e, t, "rows", number(e, s->timings.rows));
      set(e, t, "transform", number(e, s->timings.transform));
      set(e, t, "scalars", number(e, s->timings.scalars));
      set(e, t, "sums", number(e, s->timings.sums));
      set(e, t, "finish", number(e, s->timings.finish));
      set(e, r, "timings", t);
      return r;
    };
    return start(env, std::move(w));
  });
}

napi_value setupWith(napi_env env, napi_callback_info i, bool fromPtau) {
  return call(env, i, [&](napi_value o) {
    auto w = newWork(env, o);
    const std::string r1cs = stringOf(env, property(env, o, "r1csPath"), "r1csPath"), zkey = stringOf(env, property(env, o, "zkeyPath"), "zkeyPath");
    const std::string ptau = fromPtau ? stringOf(env, property(env, o, "ptauPath"), "ptauPath") : "";
    const Kernel& kernel = kernelOf(env, o);
    const int threads = threadsOf(env, o);
    w->execute = [=, &kernel](Job& job) {
      Crew crew(threads, job);
      if (fromPtau) {
        setupFromPtau(r1cs, ptau, zkey, kernel, crew);
      } else {
        setupDevelopment(r1cs, zkey, kernel, crew);
      }
    };
    w->result = undefined;
    return start(env, std::move(w));
  });
}
napi_value setupDev(napi_env env, napi_callback_info i) { return setupWith(env, i, false); }
napi_value setupPtau(napi_env env, napi_callback_info i) { return setupWith(env, i, true); }

napi_value devPtau(napi_env env, napi_callback_info i) {
  return call(env, i, [&](napi_value o) {
    auto w = newWork(env, o);
    const std::string path = stringOf(env, property(env, o, "ptauPath"), "ptauPath");
    const int power = intOf(env, property(env, o, "power"), "power", 1, 24);
    const Kernel& kernel = kernelOf(env, o);
    const int threads = threadsOf(env, o);
    w->execute = [=, &kernel](Job& job) {
      Crew crew(threads, job);
      makeDevelopmentPtau(power, path, kernel, crew);
    };
    w->result = undefined;
    return start(env, std::move(w));
  });
}

/** vk: alpha beta gamma delta ic…, proofs: 256 bytes each, publics: 32 bytes each, plain little-endian coordinates, (0, 0) is infinity. */
napi_value verify(napi_env env, napi_callback_info i) {
  return call(env, i, [&](napi_value o) {
    auto w = newWork(env, o);
    auto vk = arrayOf<u8>(env, property(env, o, "vk"), napi_uint8_array, "vk");
    auto proofs = arrayOf<u8>(env, property(env, o, "proofs"), napi_uint8_array, "proofs");
    auto publics = arrayOf<u8>(env, property(env, o, "publics"), napi_uint8_array, "publics");
    const Kernel& kernel = kernelOf(env, o);
    const int threads = threadsOf(env, o);
    if (vk.size() < 448 + 64 || (vk.size() - 448) % 64) throw BadArgument{"vk"};
    const size_t inputs = (vk.size() - 448) / 64 - 1, n = proofs.size() / 256;
    if (proofs.size() % 256) throw BadArgument{"proofs"};
    if (publics.size() != n * inputs * 32) throw BadArgument{"publics"};
    auto results = std::make_shared<std::vector<bool>>();
    w->execute = [=, &kernel](Job& job) {
      Crew crew(threads, job);
      bool canonical = true;
      auto coordinate = [&](const u8* p) {
        U256 x;
        memcpy(&x, p, 32);
        if (!less(x, FQ_MODULUS)) canonical = false;
        return canonical ? kernel.fqMul(x, FQ_R2) : x;
      };
      auto g1 = [&](const u8* p) { return G1{coordinate(p), coordinate(p + 32)}; };
      auto g2 = [&](const u8* p) { return G2{{coordinate(p), coordinate(p + 32)}, {coordinate(p + 64), coordinate(p + 96)}}; };
      VerifierInput in;
      in.key.alpha = g1(vk.data());
      in.key.beta = g2(vk.data() + 64);
      in.key.gamma = g2(vk.data() + 192);
      in.key.delta = g2(vk.data() + 320);
      for (size_t k = 0; k <= inputs; k++) in.key.ic.push_back(g1(vk.data() + 448 + 64 * k));
      if (!canonical) throw Error("VKEY_CORRUPT", "the verification key has a coordinate that is not below the field's modulus");
      for (size_t k = 0; k < n; k++) {
        const u8* p = proofs.data() + 256 * k;
        canonical = true;
        Proof proof;
        proof.a = g1(p);
        proof.b = g2(p + 64);
        proof.c = g1(p + 192);
        if (!canonical) proof.a.x = FQ_MODULUS;  // never on the curve
        in.proofs.push_back(proof);
        std::vector<U256> x(inputs);
        if (inputs) memcpy(x.data(), publics.data() + 32 * inputs * k, 32 * inputs);
        in.publics.push_back(std::move(x));
      }
      *results = verifyBatch(in, kernel, crew);
    };
    w->result = [results](napi_env e) {
      napi_value list = nullptr;
      napi_create_array_with_length(e, results->size(), &list);
      for (size_t k = 0; k < results->size(); k++) {
        napi_value b = nullptr;
        napi_get_boolean(e, (*results)[k], &b);
        napi_set_element(e, list, (uint32_t)k, b);
      }
      return list;
    };
    return start(env, std::move(w));
  });
}

/** points: 64 bytes each in the files' form, scalar: 32 bytes plain; the points multiplied by it. The copies of the scalar are wiped. */
napi_value scale(napi_env env, napi_callback_info i) {
  return call(env, i, [&](napi_value o) {
    auto w = newWork(env, o);
    struct State {
      std::vector<u8> points, scalar;
      ~State() { wipe(); }
      void wipe() {
        volatile u8* p = scalar.data();
        for (size_t k = 0; k < scalar.size(); k++) p[k] = 0;
      }
    };
    auto s = std::make_shared<State>();
    s->points = arrayOf<u8>(env, property(env, o, "points"), napi_uint8_array, "points");
    s->scalar = arrayOf<u8>(env, property(env, o, "scalar"), napi_uint8_array, "scalar");
    if (s->points.size() % 64) throw BadArgument{"points"};
    if (s->scalar.size() != 32) throw BadArgument{"scalar"};
    const Kernel& kernel = kernelOf(env, o);
    const int threads = threadsOf(env, o);
    w->execute = [s, &kernel, threads](Job& job) {
      Crew crew(threads, job);
      U256 scalar;
      memcpy(&scalar, s->scalar.data(), 32);
      s->wipe();
      const bool fits = less(scalar, FR_MODULUS);
      if (fits) scalePoints((G1*)s->points.data(), s->points.size() / 64, scalar, kernel, crew);
      volatile u64* p = scalar.v;
      for (int k = 0; k < 4; k++) p[k] = 0;
      if (!fits) throw Error("BAD_ARGUMENT", "the scalar is not below the field's modulus");
    };
    w->result = [s](napi_env e) { return bytes(e, s->points.data(), s->points.size()); };
    return start(env, std::move(w));
  });
}

/** points: 64 bytes each in the files' form, scalars: 32 bytes each, plain; the sum of the multiples in the files' form. */
napi_value sumMultiples(napi_env env, napi_callback_info i) {
  return call(env, i, [&](napi_value o) {
    auto w = newWork(env, o);
    struct State {
      std::vector<u8> points, scalars;
      G1 sum;
    };
    auto s = std::make_shared<State>();
    s->points = arrayOf<u8>(env, property(env, o, "points"), napi_uint8_array, "points");
    s->scalars = arrayOf<u8>(env, property(env, o, "scalars"), napi_uint8_array, "scalars");
    if (s->points.size() % 64) throw BadArgument{"points"};
    if (s->scalars.size() != s->points.size() / 2) throw BadArgument{"scalars"};
    const Kernel& kernel = kernelOf(env, o);
    const int threads = threadsOf(env, o);
    w->execute = [s, &kernel, threads](Job& job) {
      Crew crew(threads, job);
      const size_t n = s->points.size() / 64;
      const U256* scalars = (const U256*)s->scalars.data();
      for (size_t k = 0; k < n; k++)
        if (!less(scalars[k], FR_MODULUS)) throw Error("BAD_ARGUMENT", "a scalar is not below the field's modulus");
      s->sum = sumOfMultiples((const G1*)s->points.data(), scalars, n, kernel, crew);
    };
    w->result = [s](napi_env e) { return bytes(e, &s->sum, sizeof s->sum); };
    return start(env, std::move(w));
  });
}

/** For tests: a primitive of one instruction set on arrays of 32-byte elements. */
napi_value primitive(napi_env env, napi_callback_info i) {
  return call(env, i, [&](napi_value o) {
    const Kernel& K = kernelNamed(stringOf(env, property(env, o, "isa"), "isa"));
    const std::string op = stringOf(env, property(env, o, "op"), "op");
    auto a = arrayOf<u8>(env, property(env, o, "a"), napi_uint8_array, "a"), b = arrayOf<u8>(env, property(env, o, "b"), napi_uint8_array, "b");
    const size_t n = a.size() / 32;
    if (a.size() % 32) throw BadArgument{"a"};
    std::vector<U256> x(n), y(b.size() / 32), out(n);
    if (n) memcpy(x.data(), a.data(), a.size());
    if (y.size()) memcpy(y.data(), b.data(), y.size() * 32);
    auto need = [&](bool ok) {
      if (!ok) throw BadArgument{"b"};
    };
    auto each = [&](U256 (*f)(const U256&, const U256&)) {
      need(y.size() == n);
      for (size_t k = 0; k < n; k++) out[k] = f(x[k], y[k]);
    };
    if (op == "frMulVec") {
      need(y.size() == n);
      K.frMulVec(out.data(), x.data(), y.data(), n);
    } else if (op == "fqMulVec") {
      need(y.size() == n);
      K.fqMulVec(out.data(), x.data(), y.data(), n);
    } else if (op == "frMul") {
      each(K.frMul);
    } else if (op == "fqMul") {
      each(K.fqMul);
    } else if (op == "frAdd") {
      each(K.frAdd);
    } else if (op == "frSub") {
      each(K.frSub);
    } else if (op == "fqAdd") {
      each(K.fqAdd);
    } else if (op == "fqSub") {
      each(K.fqSub);
    } else if (op == "frInv") {
      for (size_t k = 0; k < n; k++) out[k] = K.frInv(x[k]);
    } else if (op == "fqInv") {
      for (size_t k = 0; k < n; k++) out[k] = K.fqInv(x[k]);
    } else if (op == "coset") {
      // values on the domain to values on the odd coset
      int logn = 0;
      while (((size_t)1 << logn) < n) logn++;
      need(n >= 2 && ((size_t)1 << logn) == n && logn <= 22);
      Array<u8> tables(K.ntt.tableBytes(logn) + 64), scratch(K.ntt.scratchBytes);
      Array<U256> data(n);
      memcpy(data.data(), x.data(), n * 32);
      for (int t = 0; t < NTT_TABLES; t++) K.ntt.buildTable(tables.data(), logn, t);
      for (int p = 0; p < K.ntt.passes(logn); p++)
        for (size_t t = 0; t < K.ntt.tasks(logn, p); t++) K.ntt.run(data.data(), tables.data(), logn, p, t, scratch.data());
      // the transform leaves loose values; a product with 2^256 mod r (one) makes them canonical
      const U256 one = small(K, 1);
      for (size_t k = 0; k < n; k++) out[k] = K.frMul(data[k], one);
    } else if (op == "sumG1" || op == "sumG2") {
      // a: points in Montgomery form; b: one 32-bit signed index (top bit negates) per four bytes; the sum of all
      std::vector<u32> idx(b.size() / 4);
      if (idx.size()) memcpy(idx.data(), b.data(), idx.size() * 4);
      const size_t words = op == "sumG1" ? 2 : 4;
      for (u32 v : idx) need((v & 0x7fffffffu) < n / words);
      const u32 off[2] = {0, (u32)idx.size()};
      out.resize(words);
      if (words == 2) {
        Array<u8> m(K.g1.workBytes(0, 0, 0));
        K.g1.segmentSums({m.data(), m.size()}, (const G1*)x.data(), idx.data(), off, 1, (G1*)out.data());
      } else {
        Array<u8> m(K.g2.workBytes(0, 0, 0));
        K.g2.segmentSums({m.data(), m.size()}, (const G2*)x.data(), idx.data(), off, 1, (G2*)out.data());
      }
    } else if (op == "mulG1" || op == "mulG2") {
      // a: one point, b: one plain scalar
      need(y.size() == 1 && n == (op == "mulG1" ? 2u : 4u));
      if (n == 2) {
        const G1 r = K.g1.mul(*(const G1*)x.data(), y[0]);
        memcpy(out.data(), &r, sizeof r);
      } else {
        const G2 r = K.g2.mul(*(const G2*)x.data(), y[0]);
        memcpy(out.data(), &r, sizeof r);
      }
    } else {
      throw BadArgument{"op"};
    }
    return bytes(env, out.data(), out.size() * 32);
  });
}

}  // namespace
}  // namespace zk

NAPI_MODULE_INIT() {
  using namespace zk;
  auto add = [&](const char* name, napi_callback f) {
    napi_value v = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, f, nullptr, &v);
    napi_set_named_property(env, exports, name, v);
  };
  add("info", info);
  add("newJob", newJob);
  add("progress", progress);
  add("cancel", cancel);
  add("loadKey", loadKey);
  add("releaseKey", releaseKey);
  add("prove", proveCall);
  add("setupDev", setupDev);
  add("setupFromPtau", setupPtau);
  add("makeDevPtau", devPtau);
  add("verifyBatch", verify);
  add("scalePoints", scale);
  add("sumOfMultiples", sumMultiples);
  add("primitive", primitive);
  return exports;
}
