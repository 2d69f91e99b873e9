import ArgumentParser
import Exchange
import Foundation
import Logging
import Node
import PeerNetwork
import Primitives
import Synchronization
import Web

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the node over HTTPS, and deliver its messages, until SIGTERM or Ctrl-C.",
    discussion: """
      Prints `ready https://HOST:PORT` when it listens, with the port that it really got. Clients \
      trust DIR/tls/ca.pem. Other commands may work on the same folder meanwhile; several servers may \
      work on one database, each with a copy of the folder, whose keys are needed.

      Examples:
        peerchart --data home serve
        peerchart --data ward serve --listen 0.0.0.0:8443
        peerchart --data ward serve --trusted-proxy 10.0.0.5 --rate address=50 --rate client=off
        peerchart --data ward serve --import-from files.example.org --import-from 10.0.0.7:8443
        peerchart --data ward serve --database postgresql://peerchart@db.example.org/charts
        peerchart --data ward serve --mail smtps://mail.example.org --mail-from charts@example.org
        peerchart --data ward serve --blobs s3://charts/ward --s3-region eu-central-1
      """)

  @OptionGroup var node: NodeOptions
  @OptionGroup var database: DatabaseArguments
  @OptionGroup var blobs: BlobArguments
  @Option(
    help: ArgumentHelp(
      "Where to listen with TLS 1.3; repeatable; port 0 takes a free one. Default: 127.0.0.1:8443.",
      valueName: "host:port"),
    transform: ListenAddress.init(argument:))
  var listen: [ListenAddress] = []
  @Option(
    help: ArgumentHelp(
      "Where to listen without TLS as well; on the loopback address only.", valueName: "host:port"),
    transform: ListenAddress.init(argument:))
  var insecureHttp: [ListenAddress] = []
  @Option(
    help: ArgumentHelp(
      """
      A host to which notifications of subscriptions may go although it is on a private network, and by \
      plain HTTP; repeatable.
      """, valueName: "host[:port]"))
  var notify: [String] = []
  @Option(
    help: ArgumentHelp(
      "A server that $import may fetch files from, over HTTPS; repeatable; none without. On this "
        + "machine also http://127.0.0.1:PORT.", valueName: "host[:port]"),
    transform: ImportAddress.init(argument:))
  var importFrom: [ImportAddress] = []
  @Option(
    help: ArgumentHelp(
      "CA certificates (PEM) of those servers, beside the ones that the system trusts.",
      valueName: "file"))
  var importCa: String?
  @Option(
    help: ArgumentHelp(
      "How often the log is shown to its witnesses, 1s to 1d. Default: 1m.", valueName: "time"),
    transform: TimeSpan.init(argument:))
  var witnessEvery = TimeSpan(seconds: 60)
  @OptionGroup var guards: GuardArguments
  @OptionGroup var mail: MailArguments
  @Option(
    help: ArgumentHelp(
      "How much to log on standard error: \(CodeList.names(of: Logger.Level.self)).",
      valueName: "level"),
    transform: { try CodeList.one($0, of: "log level") })
  var logLevel: Logger.Level = .notice

  func validate() throws {
    guard insecureHttp.allSatisfy(\.isLoopback) else {
      throw ValidationError(
        "--insecure-http is for the loopback address only (127.0.0.1, [::1], localhost)")
    }
    guard witnessEvery.seconds <= 86_400 else {
      throw ValidationError("--witness-every is a day at most")
    }
    guard importCa == nil || !importFrom.isEmpty else {
      throw ValidationError("--import-ca is about servers that --import-from names")
    }
    _ = try notificationHosts
    _ = try mail.mailing
  }

  private var notificationHosts: NotificationHosts {
    get throws {
      do { return try NotificationHosts(notify) } catch {
        throw ValidationError("--notify: \(error.reason)")
      }
    }
  }

  func run() async throws {
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    var logger = Logger(label: "peerchart")
    logger.logLevel = logLevel
    let secure = try listen.isEmpty ? [ListenAddress("127.0.0.1:8443")] : listen
    var listening = PeerChartNode.Listening(
      secure: secure, insecure: insecureHttp, notificationHosts: try notificationHosts)
    listening.limits = try guards.limits
    listening.witnessSeconds = witnessEvery.seconds
    let folder = node.place.folder
    let record = Mutex<ServingRecord?>(nil)
    defer { record.withLock { $0 }?.remove(from: folder) }
    let importing =
      importFrom.isEmpty
      ? nil : PeerChartNode.Importing(servers: importFrom, authorities: importCa)
    let mailing = try mail.mailing
    try await node.withNode(database: database.options, blobs: blobs.options) {
      [logger, listening] node in
      try await node.serve(listening, importing: importing, mailing: mailing, logger: logger) {
        listeners in
        let serving = ServingRecord(listeners.filter(\.isTLS).map(\.address))
        serving.save(in: folder)
        record.withLock { $0 = serving }
        for listener in listeners.sorted(by: { $0.isTLS && !$1.isTLS }) {
          // Whoever started this may have closed its output since; that is no reason to stop.
          try? StandardOutput.line("ready \(listener.url)")
        }
      }
    }
  }
}
