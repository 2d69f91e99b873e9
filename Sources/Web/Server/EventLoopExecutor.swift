import NIOCore

/// Runs the tasks of a connection on the thread that reads from it and writes to it, so that a short answer
/// costs no change of threads. What may take long must not run here: it holds up the other connections of
/// that thread (`NodeResponder` sees to it).
final class EventLoopExecutor: TaskExecutor {
  private let eventLoop: any EventLoop

  init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
