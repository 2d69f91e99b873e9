import CLibPQ
import Foundation
import Primitives

/// One connection, used by one thread at a time.
///
/// Statements are prepared once and sent in pipelines: those whose result nobody waits for are queued
/// and go out together with the next one that is waited for, so that they cost no round trip.
final class PostgreSQLConnection {
  struct Command {
    let sql: String
    let values: [PostgreSQLValue]
  }

  /// Answers to a pipeline must fit into the socket's buffer while we are still sending: libpq does
  /// not read meanwhile.
  private static let longestQueue = 64
  private static let patience: TimeInterval = 10

  private let handle: OpaquePointer
  /// Statements that are prepared here, by their text.
  private var names: [String: String] = [:]
  private(set) var queue: [Command] = []
  /// The connection is gone, and with it everything that was not committed.
  private(set) var isLost = false

  /// Connects and makes the session what the store relies on.
  ///
  /// - Parameter waits: keep trying for some seconds while the server restarts.
  init(_ access: DatabaseAccess, waits: Bool = false) throws {
    handle = try Self.connect(access, until: waits ? Date() + Self.patience : .distantPast)
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    guard PQserverVersion(handle) >= 130000 else {
      throw PeerChartError(.unsupportedVersion, "PostgreSQL 13 or newer is needed")
    }
    try script(Self.session)
  }

  deinit { PQfinish(handle) }

  private static func connect(_ access: DatabaseAccess, until deadline: Date) throws
    -> OpaquePointer
  {
    while true {
      let parameters = access.address.connectionParameters(password: access.password)
        .map { (strdup($0.key), strdup($0.value)) }
      defer { for text in parameters.flatMap({ [$0.0, $0.1] }) { free(text) } }
      let keys = parameters.map { UnsafePointer($0.0) } + [nil]
      let values = parameters.map { UnsafePointer($0.1) } + [nil]
      guard let handle = PQconnectdbParams(keys, values, 0) else {
        throw PeerChartError(.storage, "there is no memory for a connection")
      }
      if PQstatus(handle) == CONNECTION_OK { return handle }
      let message = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
      PQfinish(handle)
      guard PostgreSQLError.isPassing(message), Date() < deadline else {
        throw PostgreSQLError.connecting(message)
      }
      Thread.sleep(forTimeInterval: 0.1)
    }
  }

  /// Every query goes by a key, and is planned once, perhaps while the tables are empty: the planner
  /// is told to rely on the keys. A session that stops in the middle of a transaction must not hold
  /// up the others for long.
  private static let session = """
    SELECT set_config('synchronous_commit', 'on', false)
      WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET enable_bitmapscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET jit = off;
    SET lock_timeout = '60s';
    SET statement_timeout = 0;
    SET idle_in_transaction_session_timeout = '30s';
    SET default_transaction_read_only = off;
    """

  // MARK: Statements

  /// Sends a statement with the next one that is waited for.
  func enqueue(_ sql: String, _ values: PostgreSQLValue...) throws {
    try enqueue(Command(sql: sql, values: values))
  }

  func enqueue(_ command: Command) throws {
    queue.append(command)
    if queue.count >= Self.longestQueue { try flush() }
  }

  /// Forgets what was queued and not sent.
  func discardQueue() { queue.removeAll() }

  func flush() throws {
    if !queue.isEmpty { _ = try send(keeping: 0) }
  }

  /// Sends the queue and this statement, and waits for its rows.
  @discardableResult
  func run(_ sql: String, _ values: PostgreSQLValue...) throws -> PostgreSQLResult {
    guard let result = try run(all: [Command(sql: sql, values: values)]).last else { throw lose() }
    return result
  }

  /// Sends the queue and these statements, one or more, and waits for the rows of each.
  func run(all commands: [Command]) throws -> [PostgreSQLResult] {
    queue += commands
    return try send(keeping: commands.count)
  }

  /// Whether a transaction stands open in which something failed.
  var isInError: Bool { PQtransactionStatus(handle) == PQTRANS_INERROR }

  /// Whether no transaction stands open.
  var isIdle: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE }

  private enum Step {
    case prepare(sql: String, name: String)
    case execute
  }

  /// - Parameter kept: of how many statements, the last ones, the rows are wanted.
  private func send(keeping kept: Int) throws -> [PostgreSQLResult] {
    let commands = queue
    queue.removeAll(keepingCapacity: true)
    guard !isLost else { throw PostgreSQLError.lost }
    if PQpipelineStatus(handle) == PQ_PIPELINE_OFF { PQenterPipelineMode(handle) }
    var steps: [Step] = []
    var fresh: [String: String] = [:]
    for command in commands {
      let name: String
      if let known = names[command.sql] ?? fresh[command.sql] {
        name = known
      } else {
        name = "s\(names.count + fresh.count)"
        fresh[command.sql] = name
        try sendPreparation(command, name)
        steps.append(.prepare(sql: command.sql, name: name))
      }
      try sendExecution(command, name)
      steps.append(.execute)
    }
    guard PQpipelineSync(handle) == 1 else { throw lose() }
    return try receive(steps, keeping: kept)
  }

  private func sendPreparation(_ command: Command, _ name: String) throws {
    let types = command.values.map(\.type)
    guard PQsendPrepare(handle, name, command.sql, Int32(types.count), types) == 1 else {
      throw lose()
    }
  }

  private func sendExecution(_ command: Command, _ name: String) throws {
    var buffer: [UInt8] = []
    var places: [Int?] = []
    var lengths: [Int32] = []
    for value in command.values {
      let start = buffer.count
      let isThere = value.append(to: &buffer)
      guard let length = Int32(exactly: buffer.count - start) else {
        throw PeerChartError(.tooLarge, "a value is too large for the database")
      }
      places.append(isThere ? start : nil)
      lengths.append(length)
    }
    // An empty value at the end needs an address too: none means NULL.
    buffer.append(0)
    let formats = [Int32](repeating: 1, count: places.count)
    let isSent = buffer.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        let pointers = places.map { place in
          place.flatMap { offset in characters.baseAddress.map { $0 + offset } }
        }
        return PQsendQueryPrepared(
          handle, name, Int32(pointers.count), pointers, lengths, formats, 1) == 1
      }
    }
    if !isSent { throw lose() }
  }

  private func receive(_ steps: [Step], keeping kept: Int) throws -> [PostgreSQLResult] {
    var failure: PeerChartError?
    var results: [PostgreSQLResult] = []
    var unwanted = -kept
    for case .execute in steps { unwanted += 1 }
    for step in steps {
      guard let pointer = PQgetResult(handle) else { throw lose() }
      let result = PostgreSQLResult(pointer)
      switch result.status {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
        switch step {
        case .prepare(let sql, let name): names[sql] = name
        case .execute:
          if unwanted <= 0 { results.append(result) }
          unwanted -= 1
        }
      case PGRES_PIPELINE_ABORTED: break
      default:
        let state = result.state
        if PQstatus(handle) == CONNECTION_BAD || state.map(PostgreSQLError.endsConnection) ?? true {
          throw lose()
        }
        failure = failure ?? state.map(PostgreSQLError.error)
      }
      while let more = PQgetResult(handle) { PQclear(more) }
      if PQstatus(handle) == CONNECTION_BAD { throw lose() }
    }
    guard let end = PQgetResult(handle) else { throw lose() }
    defer { PQclear(end) }
    guard PQresultStatus(end) == PGRES_PIPELINE_SYNC else { throw lose() }
    // Lets libpq see that nothing is under way any more.
    if let surplus = PQgetResult(handle) {
      PQclear(surplus)
      throw lose()
    }
    if let failure { throw failure }
    guard results.count == kept else { throw lose() }
    return results
  }

  private func lose() -> PeerChartError {
    isLost = true
    queue.removeAll()
    return PostgreSQLError.lost
  }
}

extension PostgreSQLConnection {
  /// Runs statements that are written here and have no parameters, as the server's simple protocol
  /// takes them: several at once, in one transaction unless they say otherwise.
  func script(_ sql: String) throws {
    try flush()
    try withoutPipeline { handle in
      guard let pointer = PQexec(handle, sql) else { throw PostgreSQLError.lost }
      let result = PostgreSQLResult(pointer)
      switch result.status {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK: break
      default: throw result.state.map(PostgreSQLError.error) ?? PostgreSQLError.lost
      }
    }
  }

  /// Calls of libpq that know no pipelines.
  func withoutPipeline<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value {
    guard !isLost else { throw PostgreSQLError.lost }
    if PQpipelineStatus(handle) != PQ_PIPELINE_OFF { PQexitPipelineMode(handle) }
    defer { if PQstatus(handle) == CONNECTION_BAD { isLost = true } }
    return try body(handle)
  }
}

/// What it takes to connect.
struct DatabaseAccess: Sendable {
  let address: DatabaseAddress
  let password: Redacted<String>?
}
