import Dispatch
import Synchronization

/// Work on a stream that is read in order, transformed in any order, and written in order.
protocol OrderedWork: Sendable {
  associatedtype Input: Sendable
  associatedtype Output: Sendable
  associatedtype Batch: PipelineBatch

  /// Takes the next batch, or nil at the end. Never runs twice at a time.
  func read(_ input: inout Input, _ buffer: LaneBuffer) throws -> Batch?
  /// The costly part; runs beside others.
  func process(_ batch: inout Batch, _ buffer: LaneBuffer) throws
  /// Hands over a batch. Never runs twice at a time, and in the order of reading.
  func write(_ batch: Batch, _ buffer: LaneBuffer, _ output: inout Output) throws
}

protocol PipelineBatch: Sendable {
  /// Whether no batch follows.
  var isLast: Bool { get }
}

/// Runs `OrderedWork` on all cores in constant memory.
///
/// Each lane takes a batch into its own buffer, transforms it, waits until the batch before it is
/// written, and writes. While one lane waits for the disk, the others compute, so reading, crypto
/// and writing overlap without queues. Lanes take batches when they are free: the run finishes
/// even when the system gives it a single thread.
final class OrderedPipeline<Work: OrderedWork>: Sendable {
  private struct Front: Sendable {
    var input: Work.Input
    var isFinished = false
    var previous: DispatchSemaphore?
  }

  private struct Back: Sendable {
    var output: Work.Output
    var failure: (any Error)?
  }

  private struct Turn: Sendable {
    let batch: Result<Work.Batch, any Error>
    let previous: DispatchSemaphore?
    let written: DispatchSemaphore
  }

  private let work: Work
  private let front: Mutex<Front>
  private let back: Mutex<Back>
  private let bufferSizes: (input: Int, output: Int)

  private init(
    _ work: Work, input: Work.Input, output: Work.Output, bufferSizes: (input: Int, output: Int)
  ) {
    self.work = work
    self.bufferSizes = bufferSizes
    front = Mutex(Front(input: input))
    back = Mutex(Back(output: output))
  }

  /// Runs until the input ends or something fails; the error is the earliest in stream order.
  static func run(
    _ work: Work, input: inout Work.Input, output: inout Work.Output,
    bufferSizes: (input: Int, output: Int)
  ) throws {
    let pipeline = OrderedPipeline(work, input: input, output: output, bufferSizes: bufferSizes)
    pipeline.run()
    input = pipeline.front.withLock { $0.input }
    let (result, failure) = pipeline.back.withLock { ($0.output, $0.failure) }
    output = result
    if let failure { throw failure }
  }

  private func run() {
    // Most documents are one batch: no thread is asked for unless a second one follows.
    guard step(makeBuffer()) else { return }
    DispatchQueue.concurrentPerform(iterations: LaneBuffer.laneCount) { _ in
      guard !front.withLock({ $0.isFinished }) else { return }
      let buffer = makeBuffer()
      while step(buffer) {}
    }
  }

  private func makeBuffer() -> LaneBuffer {
    LaneBuffer(input: bufferSizes.input, output: bufferSizes.output)
  }

  /// One batch from reading to writing; false when no other can follow.
  private func step(_ buffer: LaneBuffer) -> Bool {
    guard let turn = takeTurn(buffer) else { return false }
    let outcome = turn.batch.flatMap { batch in
      Result {
        var batch = batch
        try work.process(&batch, buffer)
        return batch
      }
    }
    turn.previous?.wait()
    let goesOn = back.withLock { state in
      guard state.failure == nil else { return false }
      do {
        let batch = try outcome.get()
        try work.write(batch, buffer, &state.output)
        return !batch.isLast
      } catch {
        state.failure = error
        return false
      }
    }
    turn.written.signal()
    if !goesOn { front.withLock { $0.isFinished = true } }
    return goesOn
  }

  private func takeTurn(_ buffer: LaneBuffer) -> Turn? {
    front.withLock { state in
      guard !state.isFinished else { return nil }
      let batch: Result<Work.Batch, any Error>
      do {
        guard let next = try work.read(&state.input, buffer) else {
          state.isFinished = true
          return nil
        }
        state.isFinished = next.isLast
        batch = .success(next)
      } catch {
        state.isFinished = true
        batch = .failure(error)
      }
      let turn = Turn(batch: batch, previous: state.previous, written: DispatchSemaphore(value: 0))
      state.previous = turn.written
      return turn
    }
  }
}
