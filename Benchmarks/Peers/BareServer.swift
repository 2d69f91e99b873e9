import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// swift-nio with the same bytes in memory, over TLS 1.3 with the same certificate, and nothing besides: no
/// router, no task, nobody asked for, nothing opened or written down. What a server in Swift can come to
/// with this TLS and this HTTP.
final class BareServer {
  let address: String
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)

  init(_ files: [String: [UInt8]], certificate: String, key: String) throws {
    let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
    configuration.minimumTLSVersion = .tlsv13
    let context = try NIOSSLContext(configuration: configuration)
    let buffers = files.mapValues { ByteBuffer(bytes: $0) }
    let channel = try ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(NIOSSLServerHandler(context: context))
          try pipeline.configureHTTPServerPipeline()
          try pipeline.addHandler(Responder(files: buffers))
        }
      }
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .bind(host: "127.0.0.1", port: 0).wait()
    address = "https://127.0.0.1:\(channel.localAddress?.port ?? 0)"
  }

  func stop() throws { try group.syncShutdownGracefully() }

  private final class Responder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let files: [String: ByteBuffer]

    init(files: [String: ByteBuffer]) { self.files = files }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard case .head(let request) = unwrapInboundIn(data) else { return }
      let body = files[request.uri]
      let head = HTTPResponseHead(
        version: .http1_1, status: body == nil ? .notFound : .ok,
        headers: [
          "Content-Type": "application/fhir+json", "Content-Length": "\(body?.readableBytes ?? 0)",
        ])
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      if let body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}
