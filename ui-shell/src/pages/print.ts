/** Prints a text alone, without the page around it. */
export function printText(text: string): void {
  const paper = document.createElement('pre')
  paper.className = 'paper'
  paper.textContent = text
  document.body.append(paper)
  addEventListener('afterprint', () => paper.remove(), { once: true })
  print()
}
