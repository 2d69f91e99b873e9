import Foundation

/// Gathers figures: prints a table as they come, or one JSON object at the end.
final class BenchReport {
  private struct Document: Encodable {
    let machine: Machine
    let loadAfter: Double
    let figures: [Figure]
  }

  private let machine: Machine
  private let asJSON: Bool
  private let table = FigureTable()
  private var figures: [Figure] = []

  init(machine: Machine, asJSON: Bool) {
    self.machine = machine
    self.asJSON = asJSON
    if !asJSON { table.printHead(machine) }
  }

  func add(_ new: [Figure]) {
    figures += new
    if !asJSON { for figure in new { table.print(figure) } }
  }

  func finish() throws {
    let load = Machine.currentLoad
    guard asJSON else {
      table.print("\nload \(FigureTable.text(load)) at the end")
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let document = Document(machine: machine, loadAfter: load, figures: figures)
    print(String(decoding: try encoder.encode(document), as: UTF8.self))
  }
}
