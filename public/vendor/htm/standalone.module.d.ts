// The part of htm/preact that these pages use, for type checking only.
export interface VNode { type: any; props: any }
export type Child = VNode | VNode[] | string | number | boolean | null | undefined;
export function html(strings: TemplateStringsArray, ...values: any[]): any;
export function render(tree: any, parent: Element): void;
export function useState<T>(initial: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
export function useEffect(effect: () => void | (() => void), inputs?: readonly any[]): void;
export function useLayoutEffect(effect: () => void | (() => void), inputs?: readonly any[]): void;
export function useRef<T>(initial: T): { current: T };
export function useMemo<T>(make: () => T, inputs?: readonly any[]): T;
export function useCallback<T extends Function>(callback: T, inputs?: readonly any[]): T;
