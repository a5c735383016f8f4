// Which paths have a quota: a trie of path elements, asked for the deepest marked element on the way to a path. Java:
// PathTrie.
//
// As in Java, elements that are empty or only blanks are skipped, so that "/ /a" counts as "/a"; and unmarking a path that
// has marked ones below leaves its element in place.

interface Element {
  readonly children: Map<string, Element>;
  marked: boolean;
}

export class PathTrie {
  readonly #root: Element = { children: new Map(), marked: false };
  #marks = 0;

  get isEmpty(): boolean {
    return this.#marks === 0;
  }

  add(path: string): void {
    const elements = split(path);
    // "/" itself cannot have a quota.
    if (elements.length === 0) return;
    let at = this.#root;
    for (const element of elements) {
      let next = at.children.get(element);
      if (next === undefined) {
        next = { children: new Map(), marked: false };
        at.children.set(element, next);
      }
      at = next;
    }
    if (!at.marked) this.#marks++;
    at.marked = true;
  }

  remove(path: string): void {
    let at = this.#root;
    let parent = this.#root;
    const elements = split(path);
    for (const element of elements) {
      const next = at.children.get(element);
      if (next === undefined) return;
      parent = at;
      at = next;
    }
    if (at.marked) this.#marks--;
    at.marked = false;
    if (at.children.size === 0) parent.children.delete(elements.at(-1) ?? "");
  }

  /** The longest marked prefix of the path, undefined for none. */
  longestPrefix(path: string): string | undefined {
    if (this.#marks === 0) return undefined;
    const elements = split(path);
    let at = this.#root;
    let deepest = 0;
    for (let i = 0; i < elements.length; i++) {
      const next = at.children.get(elements[i]!);
      if (next === undefined) break;
      at = next;
      if (at.marked) deepest = i + 1;
    }
    return deepest === 0 ? undefined : `/${elements.slice(0, deepest).join("/")}`;
  }
}

/** Java's String.trim: everything up to a space counts as blank, and nothing above. */
function split(path: string): string[] {
  return path.split("/").filter((element) => {
    for (let i = 0; i < element.length; i++) if (element.charCodeAt(i) > 0x20) return true;
    return false;
  });
}
