// Types that the web client shares, and those that TypeScript's libraries of 2022 do not know.

export interface ConnectionState {
    state: 'idle' | 'connecting' | 'online' | 'reconnecting' | 'refused' | 'ended';
    /** Why, as a code of docs/protocol.md §4 or '' where there is nothing to say. */
    code: string;
    /** Since the line was lost. */
    seconds: number;
    /** Seconds until the next try; 0 while one is being made. */
    retryIn: number;
}

export type CommandAnswer =
    | ({accepted: true; n?: number} & Record<string, unknown>)
    | {accepted: false; code: string};
