// A job's threads: one crew per operation, so that concurrent operations do not know of one another and everything is given
// back when the operation ends.
#pragma once
#include "error.hpp"
#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace zk {

/** What the caller sees of a running operation. */
struct Job {
  std::atomic<bool> cancelled{false};
  std::atomic<int> permille{0};
};

class Crew {
 public:
  Crew(int threads, Job& job) : job_(job), threads_(threads < 1 ? 1 : threads) {
    try {
      for (int i = 1; i < threads_; i++) pool_.emplace_back([this, i] { loop(i); });
    } catch (const std::system_error&) {
      threads_ = (int)pool_.size() + 1;  // go on with the threads there are
    }
  }
  ~Crew() {
    {
      std::lock_guard<std::mutex> l(m_);
      stop_ = true;
    }
    wake_.notify_all();
    for (auto& t : pool_) t.join();
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  int threads() const { return threads_; }
  Job& job() { return job_; }
  void check() const {
    if (job_.cancelled.load(std::memory_order_relaxed)) throw Error("CANCELLED", "the operation was cancelled");
  }
  void progress(int permille) { job_.permille.store(permille, std::memory_order_relaxed); }

  /** Runs f(task, worker) for all tasks on all threads; throws the first error. */
  void run(size_t tasks, const std::function<void(size_t, int)>& f) {
    check();
    if (tasks == 0) return;
    if (threads_ == 1 || tasks == 1) {
      for (size_t i = 0; i < tasks; i++) {
        check();
        f(i, 0);
      }
      return;
    }
    {
      std::lock_guard<std::mutex> l(m_);
      f_ = &f;
      tasks_ = tasks;
      next_ = 0;
      busy_ = (int)pool_.size();
      error_ = nullptr;
      round_++;
    }
    wake_.notify_all();
    work(0);
    std::unique_lock<std::mutex> l(m_);
    done_.wait(l, [this] { return busy_ == 0; });
    f_ = nullptr;
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void work(int id) {
    try {
      for (;;) {
        const size_t i = next_.fetch_add(1);
        if (i >= tasks_) return;
        check();
        (*f_)(i, id);
      }
    } catch (...) {
      std::lock_guard<std::mutex> l(m_);
      if (!error_) error_ = std::current_exception();
      next_ = tasks_;
    }
  }
  void loop(int id) {
    unsigned seen = 0;
    std::unique_lock<std::mutex> l(m_);
    for (;;) {
      wake_.wait(l, [&] { return stop_ || round_ != seen; });
      if (stop_) return;
      seen = round_;
      l.unlock();
      work(id);
      l.lock();
      if (--busy_ == 0) done_.notify_one();
    }
  }

  Job& job_;
  int threads_;
  std::vector<std::thread> pool_;
  std::mutex m_;
  std::condition_variable wake_, done_;
  const std::function<void(size_t, int)>* f_ = nullptr;
  std::atomic<size_t> next_{0};
  size_t tasks_ = 0;
  int busy_ = 0;
  unsigned round_ = 0;
  bool stop_ = false;
  std::exception_ptr error_;
};

}  // namespace zk
