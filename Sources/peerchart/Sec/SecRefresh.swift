import ArgumentParser
import Exchange
import Node
import Primitives
import SecDocument
import TransparencyLog

struct SecRefresh: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refresh",
    abstract: "Bring the proof in a document up to date: cosignatures and anchors that came since.",
    discussion: """
      Works on documents that this node has issued. Content, signature and readers stay as they are to the \
      bit; only the proof section is another. With --proof the new section is a proof that the issuer has \
      refreshed elsewhere, and no node is needed.

      Example:
        peerchart --data home sec refresh chart.sec --output chart-new.sec
      """)

  @OptionGroup var folder: FolderOption
  @Argument(help: ArgumentHelp("The document.", valueName: "file.sec")) var file: String
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write it. Default: in place of FILE.", valueName: "file.sec"))
  var output: String?
  @Option(help: ArgumentHelp("Take the proof from this file.", valueName: "file"))
  var proof: String?

  func run() async throws {
    guard let section = try SecFile.inspect(try FileSource(path: file)).proof else {
      throw PeerChartError(.notFound, "the document carries no proof", place: file)
    }
    let old = try ProofBundle(parsing: section)
    let target = output ?? file
    var sink = try NewFile(target)
    let refreshed: ProofBundle
    if let proof {
      refreshed = try old.refreshed(by: try ProofFile.read(proof))
    } else {
      refreshed = try await NodeFolder(folder).withNode {
        try await $0.exchange.refreshProof(old, as: $0.exchange.nodeOperator())
      }
    }
    try SecFile.replaceProof(
      of: try FileSource(path: file),
      by: try refreshed.fitting(ProofBundle.maximumSectionLength).bytes, to: &sink)
    try sink.commit()
    let size = refreshed.checkpoint.checkpoint.size
    try StandardOutput.line(
      """
      \(target): entry \(refreshed.index), under a checkpoint over \(size) entries, \
      \(refreshed.witnesses.count) cosignatures, \(refreshed.anchors.count) anchors
      """)
  }
}
