import Foundation

/// Prints figures as they come, one line each.
struct FigureTable {
  private static let widths = [38, 22, 34, 8, 14]

  func printHead(_ machine: Machine) {
    print(machine.description)
    print()
    printRow(["what", "here", "limit or peer in this run", "ratio", "target"], verdict: "")
    print(String(repeating: "-", count: 124))
  }

  func print(_ figure: Figure) {
    let target = figure.target.map { target in
      (target.sense == .atLeast ? "≥ " : "≤ ") + Self.text(target.value)
    }
    let peer = figure.peer.map { "\($0.name) \(Self.text($0.value))" }
    printRow(
      [
        figure.name, "\(Self.text(figure.value)) \(figure.unit)", peer ?? "",
        figure.ratio.map { String(format: "%.2f", $0) } ?? "", target ?? "",
      ], verdict: figure.isMet.map { $0 ? "ok" : "NOT MET" } ?? "")
    if let note = figure.note { print("    " + note) }
  }

  /// At once, also into a pipe.
  func print(_ text: String = "") { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  private func printRow(_ cells: [String], verdict: String) {
    let padded = zip(cells, Self.widths).map { cell, width in
      cell + String(repeating: " ", count: max(1, width - cell.count))
    }
    print(padded.joined() + verdict)
  }

  /// Three significant digits; thousands set off.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let magnitude = abs(value)
    if magnitude >= 1000 {
      var digits = String(Int(value.rounded()))
      var groups: [String] = []
      while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits = String(digits.dropLast(3))
      }
      return ([digits] + groups).joined(separator: ",")
    }
    let decimals = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2
    return String(format: "%.\(decimals)f", value)
  }
}
