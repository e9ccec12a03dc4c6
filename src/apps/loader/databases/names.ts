/** A list of names in their order, with the two methods that lists of the DOM have. */
export class NameList extends Array<string> {
  static named(names: Iterable<string>): NameList {
    return NameList.from([...names].sort()) as NameList;
  }
  item(index: number): string | null {
    return this[index] ?? null;
  }
  contains(name: string): boolean {
    return this.includes(name);
  }
}
