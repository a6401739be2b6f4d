export declare const expect: (holds: boolean, otherwise: string) => void;
